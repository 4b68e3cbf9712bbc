#include "policy/routing/router.h"

#include <algorithm>
#include <optional>

#include "policy/routing/route_needs.h"

namespace gateway {
namespace {

// What a name must begin with to match: "" for "*", "openai/" for "openai/*"; nullopt for a plain name.
std::optional<std::string_view> prefix_of(std::string_view pattern) noexcept {
  if (pattern == "*") return std::string_view{};
  if (pattern.size() > 2 && pattern.ends_with("/*")) return pattern.substr(0, pattern.size() - 1);
  return std::nullopt;
}

bool has_prefix(std::string_view model, std::string_view prefix) noexcept {
  return model.size() > prefix.size() && model.starts_with(prefix);
}

bool is_same_target(const TargetConfig& a, const TargetConfig& b) noexcept {
  return a.provider == b.provider && a.model == b.model;
}

// The pace of the same target of the same route before; null: there was none.
std::shared_ptr<TargetPace> pace_before(const Router* previous, const RouteConfig& route, const TargetConfig& target) {
  if (previous == nullptr) return nullptr;
  for (const RouteConfig& old : previous->routes()) {
    if (old.pattern != route.pattern) continue;
    for (std::size_t i = 0; i < old.targets.size(); ++i) {
      if (is_same_target(old.targets[i], target)) return previous->state(old).paces[i];
    }
  }
  return nullptr;
}

}  // namespace

Router::Router(const std::vector<RouteConfig>& routes, const Router* previous)
    : routes_(routes), states_(std::make_unique<RouteState[]>(routes.size())), headers_(headers_of(routes)) {
  for (const RouteConfig& route : routes_) {
    RouteState& own = state(route);
    own.needs = needs_of(route);
    own.table.emplace(route);
    for (const TargetConfig& target : route.targets) {
      std::shared_ptr<TargetPace> before = pace_before(previous, route, target);
      own.paces.push_back(before ? std::move(before) : std::make_shared<TargetPace>());
    }
  }
  for (const RouteConfig& route : routes_) {
    if (const auto prefix = prefix_of(route.pattern)) {
      prefixes_.emplace_back(*prefix, &route);
    } else {
      exact_.emplace(route.pattern, &route);
    }
  }
  std::stable_sort(prefixes_.begin(), prefixes_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

const RouteConfig* Router::find(std::string_view model) const noexcept {
  if (const auto it = exact_.find(model); it != exact_.end()) return it->second;
  for (const auto& [prefix, route] : prefixes_) {
    if (has_prefix(model, prefix)) return route;
  }
  return nullptr;
}

bool matches_pattern(std::string_view pattern, std::string_view model) noexcept {
  const auto prefix = prefix_of(pattern);
  return prefix ? has_prefix(model, *prefix) : pattern == model;
}

bool allows(const std::vector<std::string>& patterns, std::string_view model) noexcept {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [model](const std::string& pattern) {
           return matches_pattern(pattern, model);
         });
}

std::string_view target_model(const TargetConfig& target, std::string_view asked) noexcept {
  if (!target.model.empty()) return target.model;
  if (has_prefix(asked, target.strip)) asked.remove_prefix(target.strip.size());
  return asked;
}

}  // namespace gateway
