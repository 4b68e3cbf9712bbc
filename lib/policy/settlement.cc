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

  if (observed.cost) {
    out.cost = *observed.cost;
    out.source = CostSource::provider;
    return out;
  }
  if (!observed.usage && observed.ending == Observed::Ending::refused) return out;

  if (!observed.usage) {
    out.flags |= row_flag::usage_missing;
    out.usage.input = observed.input_estimate;
    out.usage.output = estimate_output(observed.emitted_bytes, observed.emitted_events);
  }
  if (prices.prices == nullptr || !prices.prices->known()) {
    out.flags |= row_flag::unpriced;
    return out;
  }
  out.cost = price(*prices.prices, out.usage, observed.images, observed.audios, at, observed.text_bound);
  out.source = observed.usage ? CostSource::priced : CostSource::estimated;
  return out;
}

}  // namespace gateway
