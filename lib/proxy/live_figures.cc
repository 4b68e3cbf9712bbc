#include "proxy/live_figures.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "policy/routing/provider_keys.h"
#include "proxy/project_state.h"
#include "simulated/catalogue.h"

namespace gateway {
namespace {

using Views = std::map<std::pair<std::string, std::string>, TargetHealthView>;

BreakerState state_of(TargetHealth::State state) noexcept {
  switch (state) {
    case TargetHealth::State::closed:
      return BreakerState::closed;
    case TargetHealth::State::half_open:
      return BreakerState::half_open;
    case TargetHealth::State::open:
      return BreakerState::open;
  }
  return BreakerState::closed;
}

CoolingReason reason_of(TargetHealth::Cooling why) noexcept {
  switch (why) {
    case TargetHealth::Cooling::rate_limited:
      return CoolingReason::rate_limited;
    case TargetHealth::Cooling::overloaded:
      return CoolingReason::overloaded;
    case TargetHealth::Cooling::credentials:
      return CoolingReason::credentials;
  }
  return CoolingReason::rate_limited;
}

void add(Views& views, std::string provider, std::string model) {
  views.try_emplace({provider, model}, TargetHealthView{provider, model});
}

// Names that the configuration has; clients make up others if a route accepts any.
Views configured_targets(const Snapshot& snapshot) {
  Views views;
  for (const RouteConfig& route : snapshot.router.routes()) {
    for (const TargetConfig& target : route.targets) {
      if (!target.model.empty()) {
        add(views, target.provider, target.model);
      } else if (!route.pattern.ends_with('*')) {
        add(views, target.provider, route.pattern);
      }
    }
  }
  return views;
}

// Names that providers list, where a route takes any.
Views listed_targets(const Snapshot& snapshot) {
  Views views;
  for (const ListedModel& model : snapshot.models) {
    const RouteConfig* route = snapshot.router.find(model.id);
    if (route == nullptr) continue;
    for (const TargetConfig& target : route->targets)
      add(views, target.provider, std::string(target_model(target, model.id)));
  }
  return views;
}

// The options that clients add to a simulated model are no other model.
std::string_view name_of(const Snapshot& snapshot, std::string_view provider, std::string_view model) {
  const auto found = snapshot.providers.find(provider);
  const bool simulated = found != snapshot.providers.end() && found->second->simulated;
  return simulated ? without_options(model) : model;
}

// Of several targets the worst state and the longest cooling.
void merge(TargetHealthView& view, const TargetHealth& target, TimePoint now) {
  view.state = std::max(view.state, state_of(target.worst_state(now)));
  const auto cooling = std::chrono::ceil<std::chrono::milliseconds>(target.cooling(now));
  if (cooling <= view.cooling) return;
  view.cooling = cooling;
  view.reason = reason_of(target.why_cooling());
}

// Who rests because it does far worse than the others. Of a pattern's targets the names are the clients': "*".
void add_outliers(const Snapshot& snapshot, Views& views, TimePoint now) {
  for (const RouteConfig& route : snapshot.router.routes()) {
    const RouteState& state = snapshot.router.state(route);
    for (std::size_t i = 0; i < route.targets.size(); ++i) {
      const TargetRest& rest = state.paces[i]->rest;
      if (!rest.rests(now)) continue;
      const TargetConfig& target = route.targets[i];
      const std::string& model = target.model.empty() ? route.pattern : target.model;
      const std::string name = model.ends_with('*') ? "*" : model;
      add(views, target.provider, name);
      TargetHealthView& view = views.at({target.provider, name});
      view.outlier = rest.why(now);
      view.resting = std::max(view.resting, std::chrono::ceil<std::chrono::milliseconds>(rest.left(now)));
    }
  }
}

}  // namespace

std::vector<TargetHealthView> target_health(const Snapshot& snapshot, const HealthTable& health, TimePoint now) {
  Views views = configured_targets(snapshot);
  std::optional<Views> listed;  // once it is needed
  health.each([&](std::string_view provider, std::string_view model, const TargetHealth& target) {
    const auto named = views.find({std::string(provider), std::string(model)});
    if (named != views.end()) return merge(named->second, target, now);
    TargetHealthView other{std::string(provider), std::string(name_of(snapshot, provider, model))};
    merge(other, target, now);
    if (other.state == BreakerState::closed && other.cooling.count() == 0) return;
    if (!listed) listed = listed_targets(snapshot);
    if (!listed->contains({other.provider, other.model})) other.model = "*";
    add(views, other.provider, other.model);
    merge(views.at({other.provider, other.model}), target, now);
  });
  add_outliers(snapshot, views, now);
  std::vector<TargetHealthView> out;
  for (auto& [name, view] : views) {
    const auto [provider, key] = split_keyed(name.first);
    view.provider = provider;
    view.key = key;
    out.push_back(std::move(view));
  }
  return out;
}

std::vector<ProjectLimitsView> project_limits(const Snapshot& snapshot, TimePoint now) {
  std::vector<ProjectLimitsView> out;
  for (const auto& [name, project] : snapshot.projects) {
    const LimitsConfig& limits = project.config.limits;
    const RateLimits& used = project.state->limits;
    ProjectLimitsView view{name, used.concurrent()};
    if (limits.requests_per_minute) view.requests_remaining = used.requests(limits, now).remaining;
    if (limits.tokens_per_minute) view.tokens_remaining = used.tokens(limits, now).remaining;
    if (limits.concurrent)
      view.concurrent_remaining = std::max<std::int64_t>(0, *limits.concurrent - used.concurrent());
    out.push_back(std::move(view));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.project < b.project; });
  return out;
}

}  // namespace gateway
