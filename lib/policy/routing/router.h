// From a model's name to the targets that may serve it, in the order in which to try them.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/config.h"
#include "policy/routing/route_choice.h"
#include "policy/routing/target_pace.h"

namespace gateway {

// What the strategies of a route look at beside its configuration.
struct RouteNeeds {
  bool choice = false;  // false: its targets are tried as they are listed
  bool cost = false;
  bool body = false;  // what the body says beside RequestFacts
};

// What routing keeps of a route. Any thread.
struct RouteState {
  std::atomic<std::uint64_t> turns{0};
  std::vector<std::shared_ptr<TargetPace>> paces;  // of its targets
  std::atomic<std::int64_t> judged{INT64_MIN};     // when its targets were last, ns on the monotonic clock
  RouteNeeds needs;
  std::optional<RouteTable> table;
};

// Rests those of the route's targets that do far worse than the others. Looks at them once a second at most. Any
// thread.
void rest_outliers(RouteState& state, const OutlierConfig& config, TimePoint now) noexcept;

// Immutable once built, but for the states of its routes. Of several routes of one pattern the first counts.
class Router {
 public:
  // Routes that have the same target share what is known of it, and what `previous` knows of it goes on.
  explicit Router(const std::vector<RouteConfig>& routes, const Router* previous = nullptr);
  Router(Router&&) = default;
  Router(const Router&) = delete;

  // Exact names win, then the longest `prefix/*`, then `*`. Null: no route.
  const RouteConfig* find(std::string_view model) const noexcept;
  const std::vector<RouteConfig>& routes() const noexcept { return routes_; }
  // `route` is one of routes().
  std::size_t number(const RouteConfig& route) const noexcept {
    return static_cast<std::size_t>(&route - routes_.data());
  }
  RouteState& state(const RouteConfig& route) const noexcept { return states_[number(route)]; }
  // The number of the route's next request, and what it is going to be.
  std::uint64_t take_turn(const RouteConfig& route) const noexcept {
    RouteState& own = state(route);
    return own.needs.choice ? own.turns.fetch_add(1, std::memory_order_relaxed) : 0;
  }
  std::uint64_t next_turn(const RouteConfig& route) const noexcept {
    return state(route).turns.load(std::memory_order_relaxed);
  }
  // The header fields that routes look at, in lower case.
  const std::vector<std::string>& headers() const noexcept { return headers_; }

 private:
  std::vector<RouteConfig> routes_;
  std::unique_ptr<RouteState[]> states_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<TargetPace>> paces_;  // by provider and model
  std::vector<std::string> headers_;
  std::unordered_map<std::string_view, const RouteConfig*> exact_;
  std::vector<std::pair<std::string_view, const RouteConfig*>> prefixes_;  // longest first; "*" is the empty one
};

// An allow-list; an empty one allows all.
bool allows(const std::vector<std::string>& patterns, std::string_view model) noexcept;
// The provider's name of the model: the target's own, else the requested one without the prefix that is to be stripped.
std::string_view target_model(const TargetConfig& target, std::string_view asked) noexcept;

}  // namespace gateway
