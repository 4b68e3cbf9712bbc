#include "policy/routing/router.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/names.h"
#include "policy/routing/route_needs.h"

namespace gateway {
namespace {

constexpr auto kJudgeEvery = std::chrono::seconds(1);

bool has_prefix(std::string_view model, std::string_view prefix) noexcept {
  return model.size() > prefix.size() && model.starts_with(prefix);
}

// By which it is known to other routes. A pattern's target without a model of its own stands for many, and shares them
// with none.
std::pair<std::string, std::string> name_of(const RouteConfig& route, const TargetConfig& target) {
  return {target.provider, target.model.empty() ? route.pattern : target.model};
}

}  // namespace

Router::Router(const std::vector<RouteConfig>& routes, const Router* previous)
    : routes_(routes), states_(std::make_unique<RouteState[]>(routes.size())), headers_(headers_of(routes)) {
  for (const RouteConfig& route : routes_) {
    RouteState& own = state(route);
    own.needs = needs_of(route);
    own.table.emplace(route);
    for (const TargetConfig& target : route.targets) {
      const auto [place, is_new] = paces_.try_emplace(name_of(route, target));
      if (is_new && previous != nullptr) {
        if (const auto before = previous->paces_.find(place->first); before != previous->paces_.end())
          place->second = before->second;
      }
      if (place->second == nullptr) place->second = std::make_shared<TargetPace>();
      own.paces.push_back(place->second);
    }
  }
  for (const RouteConfig& route : routes_) {
    if (const auto prefix = names::prefix_of(route.pattern)) {
      prefixes_.emplace_back(*prefix, &route);
    } else {
      exact_.emplace(route.pattern, &route);
    }
  }
  std::stable_sort(prefixes_.begin(), prefixes_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

void rest_outliers(RouteState& state, const OutlierConfig& config, TimePoint now) noexcept {
  if (state.paces.size() < 2 || (config.errors_over <= 0 && config.slower_than <= 0)) return;
  std::int64_t judged = state.judged.load(std::memory_order_relaxed);
  const std::int64_t moment = now.time_since_epoch().count();
  if (judged != INT64_MIN && moment - judged < Duration(kJudgeEvery).count()) return;
  if (!state.judged.compare_exchange_strong(judged, moment, std::memory_order_relaxed)) return;
  std::array<JudgedTarget, kMaxTargets> targets;
  std::array<Outlier, kMaxTargets> found;
  const std::size_t count = state.paces.size();
  for (std::size_t i = 0; i < count; ++i)
    targets[i] = {state.paces[i]->recent.record(now), state.paces[i]->rest.rests(now)};
  find_outliers({targets.data(), count}, config, {found.data(), count});
  for (std::size_t i = 0; i < count; ++i) {
    if (found[i] == Outlier::none || state.paces[i]->rest.rests(now)) continue;
    state.paces[i]->rest.begin(found[i], now, config);
    state.paces[i]->recent.clear();  // when it is back it is judged by what it does then
  }
}

const RouteConfig* Router::find(std::string_view model) const noexcept {
  if (const auto it = exact_.find(model); it != exact_.end()) return it->second;
  for (const auto& [prefix, route] : prefixes_) {
    if (has_prefix(model, prefix)) return route;
  }
  return nullptr;
}

bool allows(const std::vector<std::string>& patterns, std::string_view model) noexcept {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [model](const std::string& pattern) {
           return names::matches(pattern, model);
         });
}

std::string_view target_model(const TargetConfig& target, std::string_view asked) noexcept {
  if (!target.model.empty()) return target.model;
  if (has_prefix(asked, target.strip)) asked.remove_prefix(target.strip.size());
  return asked;
}

}  // namespace gateway
