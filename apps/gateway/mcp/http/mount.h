// The MCP server as a server serves it.
#pragma once

#include <vector>

#include "app/mcp/http/exchange.h"

namespace gateway::app::mcp {

// Off unless the configuration enables it. Two mounts: where clients are, and where only the administration is. What
// `serving` refers to outlives the server that has them; the threads are stopped before.
std::vector<Mount> mcp_mounts(const Serving& serving);

}  // namespace gateway::app::mcp
