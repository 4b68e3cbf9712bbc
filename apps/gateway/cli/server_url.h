// Where the server of a workspace is reached from this machine.
#pragma once

#include <optional>
#include <string>

#include "app/cli/database.h"
#include "gateway/result.h"

namespace gateway::app {

// `url` without a last slash.
std::string plain_url(std::string url);

// `url` if it is given; else where the server listens that runs on the workspace's database; else the first address
// that the configuration has. Errors: refused (that is a socket alone).
Result<std::string> server_url(const Workspace& workspace, const std::optional<std::string>& url);
// The same of the administration, which is where clients are unless it has addresses of its own.
Result<std::string> administration_url(const Workspace& workspace);

}  // namespace gateway::app
