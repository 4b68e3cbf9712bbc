#include "policy/routing/route_needs.h"

#include <algorithm>

#include "policy/routing/route_choice.h"

namespace gateway {
namespace {

bool needs_body(const std::optional<Identity>& identity) noexcept {
  return identity && (identity->by == IdentifiedBy::user || identity->by == IdentifiedBy::session ||
                      identity->by == IdentifiedBy::prefix);
}

bool needs_body(const std::optional<Condition>& when, const std::optional<Canary>& canary) noexcept {
  return (when && (!when->metadata.empty() || !when->tags.empty())) || (canary && needs_body(canary->by));
}

bool needs_cost(Strategy strategy, const std::shared_ptr<const TargetStrategy>& own) noexcept {
  return own != nullptr ? own->needs_cost() : strategy == Strategy::cheapest;
}

void add_groups(const std::vector<TargetGroup>& groups, RouteNeeds& needs) {
  for (const TargetGroup& group : groups) {
    needs.body |= needs_body(group.when, group.canary);
    needs.cost |= needs_cost(group.strategy, group.own_strategy);
    add_groups(group.groups, needs);
  }
}

void add(const std::string& name, std::vector<std::string>& headers) {
  if (!name.empty() && std::find(headers.begin(), headers.end(), name) == headers.end()) headers.push_back(name);
}

// Where a session is named in the head.
constexpr const char* kSessionHeader = "x-session-id";

void add(const std::optional<Identity>& identity, std::vector<std::string>& headers) {
  if (!identity) return;
  add(identity->header, headers);
  if (identity->by == IdentifiedBy::session) add(kSessionHeader, headers);
}

void add(const std::optional<Condition>& when, const std::optional<Canary>& canary, std::vector<std::string>& headers) {
  if (when) {
    for (const auto& [name, value] : when->headers) add(name, headers);
    if (!when->tags.empty()) add(std::string(kTagsHeader), headers);
  }
  if (canary) add(canary->by, headers);
}

void add(const std::vector<TargetGroup>& groups, std::vector<std::string>& headers) {
  for (const TargetGroup& group : groups) {
    add(group.when, group.canary, headers);
    add(group.groups, headers);
  }
}

}  // namespace

RouteNeeds needs_of(const RouteConfig& route) {
  RouteNeeds needs;
  needs.choice = has_choice(route);
  needs.body = needs_body(route.sticky);
  needs.cost = needs_cost(route.strategy, route.own_strategy);
  for (const TargetConfig& target : route.targets)
    needs.body |= needs_body(target.when, target.canary) || target.can.has_value();
  add_groups(route.groups, needs);
  return needs;
}

std::vector<std::string> headers_of(const std::vector<RouteConfig>& routes) {
  std::vector<std::string> headers;
  for (const RouteConfig& route : routes) {
    add(route.sticky, headers);
    for (const TargetConfig& target : route.targets) add(target.when, target.canary, headers);
    add(route.groups, headers);
  }
  return headers;
}

}  // namespace gateway
