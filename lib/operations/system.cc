#include "operations/system.h"

#include <algorithm>
#include <utility>

namespace gateway::operations {

Result<SystemAnswer> show_system(const Deployment& deployment, const Live& live, Host host) {
  if (live.core == nullptr) return Error{ErrorCode::unavailable, "no gateway runs here that could report it"};
  SystemAnswer answer;
  const auto uptime = std::chrono::floor<std::chrono::seconds>(deployment.now - host.started);
  answer.uptime = std::max(uptime, std::chrono::seconds(0));  // a clock may be set back
  answer.host = std::move(host);
  answer.stats = live.core->stats();
  return answer;
}

}  // namespace gateway::operations
