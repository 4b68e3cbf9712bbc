#include "policy/settlement.h"

#include <algorithm>

namespace gateway {

std::int64_t estimate_output(std::int64_t bytes, std::int64_t events) noexcept {
  return std::max(events, (bytes + 3) / 4);
}

Settlement settle(const Observed& observed, const PriceInForce& prices, WallTime at) noexcept {
  Settlement out;
  if (observed.usage_odd) out.flags |= row_flag::usage_odd;
  if (observed.byok) out.flags |= row_flag::byok;
  if (observed.usage) out.usage = *observed.usage;

  const bool priced = prices.prices != nullptr && prices.prices->known();
  if (observed.cost) {
    out.source = CostSource::provider;
    if (observed.byok && observed.upstream_cost) {
      out.upstream_cost = *observed.upstream_cost;
    } else if (observed.byok && observed.usage && priced) {
      // It reports its fee alone: what its provider charges is in the price list.
      out.upstream_cost = price(*prices.prices, out.usage, observed.images, observed.audios, at, observed.text_bound);
      out.source = CostSource::priced;
    }
    out.cost = observed.cost->plus_saturated(out.upstream_cost);
    return out;
  }
  if (!observed.usage && observed.ending == Observed::Ending::refused) return out;

  if (!observed.usage) {
    out.flags |= row_flag::usage_missing;
    out.usage.input = observed.input_estimate;
    out.usage.output = estimate_output(observed.emitted_bytes, observed.emitted_events);
  }
  if (!priced) {
    out.flags |= row_flag::unpriced;
    return out;
  }
  if (!observed.usage && observed.unseen_cost) {
    out.cost = *observed.unseen_cost;
    out.source = CostSource::held;
    return out;
  }
  out.cost = price(*prices.prices, out.usage, observed.images, observed.audios, at, observed.text_bound);
  out.source = observed.usage ? CostSource::priced : CostSource::estimated;
  return out;
}

}  // namespace gateway
