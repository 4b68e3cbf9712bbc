// The configuration file is read again, for all requests or for a share of them.
#pragma once

#include "app/background/nightly.h"
#include "app/background/token_keeper.h"
#include "app/logging/log_writer.h"
#include "app/serve.h"
#include "app/server/server.h"
#include "operations/reload.h"

namespace gateway::app {

// If it fails the old configuration stays, and each mistake is a line of the log. Any thread.
operations::ReloadAnswer reload(Server& server, const ServeOptions& options, NightlyReconciliation& nightly,
                                TokenKeeper& tokens, LogWriter& log, const operations::ReloadRequest& request);

}  // namespace gateway::app
