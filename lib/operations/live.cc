#include "operations/live.h"

#include <algorithm>
#include <map>
#include <utility>

#include "operations/readings.h"

namespace gateway::operations {
namespace {

Error none_runs() { return Error{ErrorCode::unavailable, "no gateway runs here that could report it"}; }

bool may_be_tried(const TargetHealthView& target) {
  return target.state != BreakerState::open && target.cooling.count() == 0;
}

}  // namespace

Result<HealthAnswer> health(const Deployment& deployment, const Live& live) {
  if (live.core == nullptr) return none_runs();
  HealthAnswer answer;
  answer.stats = live.core->stats();
  std::map<std::string, ProviderHealth, std::less<>> providers;
  for (const ProviderConfig& provider : deployment.config.providers)
    providers.try_emplace(provider.name, ProviderHealth{provider.name});
  for (TargetHealthView& target : live.core->health(live.now)) {
    const auto [found, added] = providers.try_emplace(target.provider, ProviderHealth{target.provider});
    found->second.targets.push_back(std::move(target));
  }
  for (auto& [name, provider] : providers) {
    const auto& targets = provider.targets;
    provider.is_usable = targets.empty() || std::any_of(targets.begin(), targets.end(), may_be_tried);
    answer.providers.push_back(std::move(provider));
  }
  if (deployment.store == nullptr) return answer;
  auto recent = deployment.readings != nullptr ? deployment.readings->recent_health(*deployment.store, deployment.now)
                                               : recent_health(*deployment.store, deployment.now);
  if (!recent) return std::move(recent).error();
  answer.recent = std::move(*recent);
  return answer;
}

Result<LimitsList> list_limits(const Deployment& deployment, const Live& live, const LimitsQuery& query) {
  if (live.core == nullptr) return none_runs();
  if (query.project) {
    if (const auto known = find_project(deployment, *query.project); !known) return known.error();
  }
  LimitsList list;
  const std::string& cursor = query.page.cursor;
  for (ProjectLimitsView& view : live.core->limits(live.now)) {
    if (query.project && view.project != *query.project) continue;
    ++list.all;
    if (!cursor.empty() && view.project <= cursor) continue;
    if (query.page.limit == 0 || list.projects.size() < static_cast<std::size_t>(query.page.limit)) {
      list.projects.push_back(std::move(view));
    } else if (!list.next) {
      list.next = list.projects.back().project;
    }
  }
  return list;
}

}  // namespace gateway::operations
