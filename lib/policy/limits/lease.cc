#include "policy/limits/lease.h"

#include <algorithm>

namespace gateway {
namespace {

// What the process should have free. `reach`: all that it could have free now.
std::int64_t target(std::int64_t reach, int processes, const SliceNeed& need) {
  const std::int64_t largest = need.largest.units();
  const std::int64_t smallest = need.smallest.is_zero() ? largest : std::min(need.smallest.units(), largest);
  if (reach < smallest) return 0;
  const std::int64_t must = largest <= reach ? largest : smallest;
  std::int64_t share = reach / (2 * std::int64_t{std::max(processes, 1)});
  if (processes > 1 && !need.demand.is_zero()) share = std::min(share, need.demand.units());
  return std::max(share, must);
}

}  // namespace

Money slice_change(Money cap, const AccountState& state, const SliceNeed& need) {
  const std::int64_t free = std::max<std::int64_t>(need.free.units(), 0);
  if (need.idle > kIdleBeforeReturn) return Money::units(-free);

  const MoneySum unleased = std::max(MoneySum{}, MoneySum(cap) - state.spent - state.leased);
  const std::int64_t reach = (unleased + MoneySum(Money::units(free))).to_money_saturated().units();
  const std::int64_t wanted = target(reach, state.processes, need);

  // Small differences are let be: every change is a transaction.
  if (free < wanted) {
    const bool short_of_one = free < need.largest.units();
    return Money::units(short_of_one || free < wanted / 2 ? wanted - free : 0);
  }
  const bool others = state.processes > 1;
  const bool useless = wanted == 0 && !need.largest.is_zero();
  if ((others && free - wanted > wanted / 4) || useless) return Money::units(wanted - free);
  return Money{};
}

}  // namespace gateway
