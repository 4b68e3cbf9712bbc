// From a model's name to the targets that may serve it, in the order in which to try them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/config.h"

namespace gateway {

// Immutable once built. Of several routes of one pattern the first counts.
class Router {
 public:
  explicit Router(const std::vector<RouteConfig>& routes);
  Router(Router&&) = default;
  Router(const Router&) = delete;

  // Exact names win, then the longest `prefix/*`, then `*`. Null: no route.
  const RouteConfig* find(std::string_view model) const noexcept;
  const std::vector<RouteConfig>& routes() const noexcept { return routes_; }

 private:
  std::vector<RouteConfig> routes_;
  std::unordered_map<std::string_view, const RouteConfig*> exact_;
  std::vector<std::pair<std::string_view, const RouteConfig*>> prefixes_;  // longest first; "*" is the empty one
};

// Whether `model` matches "name", "prefix/*" or "*".
bool matches_pattern(std::string_view pattern, std::string_view model) noexcept;
// An allow-list; an empty one allows all.
bool allows(const std::vector<std::string>& patterns, std::string_view model) noexcept;
// The provider's name of the model: the target's own, else the requested one without the prefix that is to be stripped.
std::string_view target_model(const TargetConfig& target, std::string_view asked) noexcept;

}  // namespace gateway
