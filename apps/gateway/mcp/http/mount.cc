#include "app/mcp/http/mount.h"

#include <string>

namespace gateway::app::mcp {

std::vector<Mount> mcp_mounts(const Serving& serving) {
  const auto for_clients = [serving](const MountContext& at, const RequestHead& head, Client& client) {
    return open_mcp(at, serving, !at.access.admin_elsewhere, head, client);
  };
  const auto for_administrators = [serving](const MountContext& at, const RequestHead& head, Client& client) {
    return open_mcp(at, serving, true, head, client);
  };
  return {{app::Service::clients, "/mcp", for_clients}, {app::Service::administration, "/mcp", for_administrators}};
}

}  // namespace gateway::app::mcp
