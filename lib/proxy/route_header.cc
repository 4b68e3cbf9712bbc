#include "proxy/route_header.h"

#include "policy/routing/strategies.h"
#include "proxy/route_plan.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxRouteHeader = 1024;

void append_route(std::string& out, const RouteConfig& route) {
  if (!out.empty()) out.append("; ");
  out.append(route.pattern).append("; ");
  out.append(route.own_strategy != nullptr ? "own" : to_string(route.strategy));
}

}  // namespace

std::string route_header(const Router& router, const RequestFacts& facts, const Decision& decision) {
  std::string out;
  const RouteConfig* route = nullptr;
  std::size_t model = 0;
  for (const Considered& each : decision.all()) {
    if (route == nullptr || each.model != model) {
      model = each.model;
      route = router.find(model_at(facts, model));
      append_route(out, *route);
    }
    const TargetConfig& target = route->targets[each.target];
    out.append("; ").append(target.provider);
    if (!target.model.empty()) out.append("/").append(target.model);
    out.append("=").append(to_string(each.outcome));
  }
  if (out.size() > kMaxRouteHeader) out.resize(kMaxRouteHeader);
  return out;
}

}  // namespace gateway
