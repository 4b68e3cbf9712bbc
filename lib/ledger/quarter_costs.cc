#include "base/time_text.h"
#include "gateway/ledger.h"

namespace gateway {

Result<QuarterCosts> Ledger::quarter_costs(const std::vector<std::string>& projects, WallTime since, WallTime until) {
  UsageQuery query;
  query.project = projects;
  query.since = since;
  query.until = until;
  query.by = {UsageKey::project, UsageKey::quarter};
  const auto sums = usage(query);
  if (!sums) return sums.error();
  QuarterCosts costs;
  for (const UsageSum& sum : *sums) {
    const auto start = parse_rfc3339(sum.key[1]);
    if (start && sum.attempts > sum.open) costs[sum.key[0]].push_back({*start, sum.cost});
  }
  return costs;
}

}  // namespace gateway
