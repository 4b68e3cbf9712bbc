// The administration as a server serves it.
#pragma once

#include "app/admin/threads.h"
#include "app/server/mount.h"

namespace gateway::app {

// Off while the configuration has no admin token. The threads outlive the server that has it, and are stopped before.
Mount admin_mount(AdminThreads& threads, RowStreams* streams = nullptr);

// Where the dashboard's pages sign in and out. Off without the dashboard too; goes ahead of its files.
Mount session_mount(AdminThreads& threads);

}  // namespace gateway::app
