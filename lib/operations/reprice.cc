#include "operations/reprice.h"

#include <map>
#include <tuple>
#include <utility>

#include "policy/routing/provider_keys.h"

namespace gateway::operations {
namespace {

// The target that would serve the row today: of its provider, by the same name if there is one.
const TargetConfig* target_of(const Row& row, const RouteConfig& route) {
  const TargetConfig* same_provider = nullptr;
  for (const TargetConfig& target : route.targets) {
    if (split_keyed(target.provider).provider != row.provider.view()) continue;
    if (target_model(target, row.asked_model) == row.target_model.view()) return &target;
    if (same_provider == nullptr) same_provider = &target;
  }
  return same_provider;
}

PriceInForce price_today(const Row& row, const Snapshot& snapshot) {
  const Provider* provider = snapshot.provider(row.provider);
  const RouteConfig* route = snapshot.router.find(row.asked_model);
  const TargetConfig* target = route != nullptr ? target_of(row, *route) : nullptr;
  if (provider == nullptr || target == nullptr) return {};
  return snapshot.prices(*target, *provider, target_model(*target, row.asked_model));
}

void add(RepricedModel& sum, const Row& row, const PriceInForce& today) {
  ++sum.rows;
  if (today.prices == nullptr) {
    ++sum.unpriced;
    return;
  }
  sum.cost += row.cost;
  sum.now += price(*today.prices, row.usage, 0, 0, row.accepted);
  sum.versions.emplace(row.price_version.view());
  sum.versions_now.emplace(today.version);
}

}  // namespace

Result<std::vector<RepricedModel>> reprice(Ledger& ledger, RowQuery query, const Snapshot& snapshot) {
  query.limit = 0;
  query.newest_first = false;
  std::map<std::pair<std::string, std::string>, RepricedModel> sums;
  const auto read = ledger.rows(query, [&](const Row& row) {
    if (row.entry != 0) return true;
    if (row.cost_source != CostSource::priced && row.cost_source != CostSource::estimated) return true;
    // Service tiers, what was paid per use and fees of a provider's provider are not in counts of tokens.
    if ((row.flags & (row_flag::surcharged | row_flag::byok)) != 0) return true;
    RepricedModel& sum = sums[{row.provider.str(), row.target_model.str()}];
    add(sum, row, price_today(row, snapshot));
    return true;
  });
  if (!read) return read.error();
  std::vector<RepricedModel> out;
  for (auto& [name, sum] : sums) {
    std::tie(sum.provider, sum.model) = name;
    out.push_back(std::move(sum));
  }
  return out;
}

}  // namespace gateway::operations
