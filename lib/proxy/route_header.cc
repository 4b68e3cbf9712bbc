#include "proxy/route_header.h"

#include "policy/routing/strategies.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxRouteHeader = 1024;

}  // namespace

std::string route_header(const RouteConfig& route, const Decision& decision) {
  std::string out = route.pattern;
  out.append("; ").append(route.own_strategy != nullptr ? "own" : to_string(route.strategy));
  for (const Considered& each : decision.all()) {
    const TargetConfig& target = route.targets[each.target];
    out.append("; ").append(target.provider);
    if (!target.model.empty()) out.append("/").append(target.model);
    out.append("=").append(to_string(each.outcome));
  }
  if (out.size() > kMaxRouteHeader) out.resize(kMaxRouteHeader);
  return out;
}

}  // namespace gateway
