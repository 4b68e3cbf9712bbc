#include "app/admin/mount.h"

#include <memory>
#include <string>

#include "app/admin/exchange.h"
#include "app/admin/session_calls.h"

namespace gateway::app {

Mount admin_mount(AdminThreads& threads, RowStreams* streams) {
  const auto open = [&threads, streams](const MountContext& at, const RequestHead& head,
                                        Client& client) -> std::unique_ptr<Exchange> {
    if (!at.access.has_administration()) return nullptr;
    return open_admin({at.loop, threads, streams, at.log, at.guard, at.on_refused}, at.access, at.id, head, client);
  };
  return {Service::administration, std::string(kAdminPrefix), open};
}

Mount session_mount(AdminThreads& threads) {
  const auto open = [&threads, tries = std::make_shared<SignInTries>()](const MountContext& at, const RequestHead& head,
                                                                        Client& client) -> std::unique_ptr<Exchange> {
    if (!at.access.has_administration() || !at.access.has_dashboard) return nullptr;
    return open_session_call({at.loop, threads, nullptr, at.log, at.guard, at.on_refused}, at.access, tries, at.id,
                             head, client);
  };
  return {Service::administration, std::string(kSessionPath), open, true};
}

}  // namespace gateway::app
