#include "policy/pricing/settlement.h"

#include <algorithm>

namespace gateway {

std::int64_t estimate_output(std::int64_t bytes, std::int64_t events) noexcept {
  return std::max(events, (bytes + 3) / 4);
}

namespace {

// What was asked for, as it was served: of audio and images as much as is reported or, where nothing is, all there is.
Surcharges as_served(const Observed& observed, const Prices& prices, std::int64_t output) noexcept {
  Surcharges out = observed.asked;
  out.hour_writes = observed.hour_writes;
  // Where each image or audio part has a price, that pays for its tokens.
  if (!prices.audio && prices.audio_input) out.audio_input = observed.audio_input;
  if (!prices.image && prices.image_input) out.image_input = observed.image_input;
  if (!observed.service_tier.empty()) out.tier = tier_factor(prices, observed.service_tier.view()).value_or(out.tier);
  const bool told = observed.usage && observed.audio_output + observed.image_output > 0;
  if (told || (out.audio_output == 0 && out.image_output == 0)) {
    out.audio_output = observed.audio_output;
    out.image_output = observed.image_output;
  } else {
    (out.audio_output > 0 ? out.audio_output : out.image_output) = output;
  }
  return out;
}

// Whether something is counted that has no price, by its unit or by the tokens that are counted beside it.
bool lacks_unit(const Prices& prices, const Usage& usage) noexcept {
  if (usage.searches > 0 && !prices.web_search) return true;
  if (usage.input + usage.output > 0 && prices.knows_output()) return false;
  return (usage.images > 0 && !prices.image_output_each) || (usage.audio_ms > 0 && !prices.audio_second) ||
         (usage.characters > 0 && !prices.character);
}

// Whether some unit that was used or requested has a price, which then pays for its tokens too.
bool has_unit_price(const Prices& prices, const Usage& usage, const Surcharges& asked) noexcept {
  return (usage.images + asked.images > 0 && prices.image_output_each) ||
         (usage.audio_ms + asked.audio_ms > 0 && prices.audio_second) ||
         (usage.characters + asked.characters > 0 && prices.character);
}

// The units of an operation that has no others are no surcharge.
bool is_surcharge(Surcharges beside) noexcept {
  beside.images = beside.audio_ms = beside.characters = 0;
  return beside != Surcharges{};
}

// Of sound whose answer counts nothing: about what services count for speech.
std::int64_t sound_tokens(std::int64_t audio_ms, const Prices* prices) noexcept {
  constexpr std::int64_t kMillisecondsOfToken = 100;
  if (prices == nullptr || prices->audio_second || audio_ms <= 0) return 0;
  return (audio_ms + kMillisecondsOfToken - 1) / kMillisecondsOfToken;
}

}  // namespace

Settlement settle(const Observed& observed, const PriceInForce& prices, WallTime at) noexcept {
  Settlement out;
  if (observed.usage_odd) out.flags |= row_flag::usage_odd;
  if (observed.byok) out.flags |= row_flag::byok;
  const bool nothing_done = !observed.usage && !observed.cost && observed.ending == Observed::Ending::refused;
  if (nothing_done) return out;
  // Every request that is billed by tokens has input: figures without any are not believed.
  const bool has_units = observed.usage && (observed.usage->images > 0 || observed.usage->audio_ms > 0 ||
                                            observed.usage->characters > 0 || observed.usage->searches > 0);
  const bool no_input =
      observed.usage && !observed.cost && !has_units && observed.usage->input == 0 && observed.input_estimate > 0;
  std::int64_t unseen_sound = 0;  // tokens
  bool unseen_units = false;
  if (observed.usage) {
    out.usage = *observed.usage;
    if (out.usage.audio_ms == 0 && observed.asked.audio_ms > 0 && prices.prices != nullptr &&
        prices.prices->audio_second) {
      out.usage.audio_ms = observed.asked.audio_ms;
      unseen_units = true;
    } else if (out.usage.input + out.usage.output == 0) {  // seconds, where tokens have the price
      unseen_sound = sound_tokens(out.usage.audio_ms, prices.prices);
      out.usage.input = unseen_sound;
      unseen_units = unseen_sound > 0;
      if (unseen_units) out.usage.output = estimate_output(observed.emitted_bytes, observed.emitted_events);
    }
    if (no_input) {
      out.flags |= row_flag::usage_odd;
      out.usage.input = observed.input_estimate;
      if (out.usage.output == 0) out.usage.output = estimate_output(observed.emitted_bytes, observed.emitted_events);
    }
    if (observed.output_unknown) {
      out.flags |= row_flag::usage_missing;
      std::int64_t seen = estimate_output(observed.emitted_bytes, observed.emitted_events);
      if (observed.output_bound) seen = std::min(seen, *observed.output_bound);
      out.usage.output = std::max(out.usage.output, seen);
    }
  } else {
    out.flags |= row_flag::usage_missing;
    out.usage.input = observed.input_estimate;
    out.usage.output = estimate_output(observed.emitted_bytes, observed.emitted_events);
    if (observed.output_bound) out.usage.output = std::min(out.usage.output, *observed.output_bound);
    out.usage.images = observed.asked.images;
    out.usage.audio_ms = observed.asked.audio_ms;
    unseen_sound = sound_tokens(observed.asked.audio_ms, prices.prices);
    out.usage.input += unseen_sound;
    out.usage.characters = observed.asked.characters;
    out.usage.searches = observed.asked.web_searches;
  }
  const bool priced = prices.prices != nullptr && prices.prices->known();
  Money by_tokens;
  if (priced) {
    Surcharges beside = as_served(observed, *prices.prices, out.usage.output);
    if (unseen_sound > 0 && prices.prices->audio_input) beside.audio_input = unseen_sound;
    if (is_surcharge(beside)) out.flags |= row_flag::surcharged;
    by_tokens = price(*prices.prices, out.usage, observed.images, observed.audios, at, observed.text_bound, beside);
  }
  if (!observed.cost && !observed.usage && observed.unseen_cost && priced) {
    out.cost = *observed.unseen_cost;
    out.source = CostSource::held;
    return out;
  }
  if (!observed.cost) {
    const bool lacks_output = priced && out.usage.output > 0 && !prices.prices->knows_output() &&
                              !has_unit_price(*prices.prices, out.usage, observed.asked);
    if (!priced || lacks_output || lacks_unit(*prices.prices, out.usage)) out.flags |= row_flag::unpriced;
    out.cost = by_tokens;
    if (priced)
      out.source = observed.usage && !no_input && !observed.output_unknown && !unseen_units ? CostSource::priced
                                                                                            : CostSource::estimated;
    return out;
  }
  out.source = CostSource::provider;
  out.flags &= ~row_flag::surcharged;
  if (observed.byok && observed.upstream_cost) {
    out.upstream_cost = *observed.upstream_cost;
  } else if (observed.byok && observed.usage && priced) {
    // It reports its fee alone: what its provider charges is in the price list.
    out.upstream_cost = by_tokens;
    out.source = CostSource::priced;
  }
  out.cost = observed.cost->plus_saturated(out.upstream_cost);
  return out;
}

}  // namespace gateway
