#include "policy/pricing/hold.h"

#include <algorithm>
#include <limits>

#include "chat/endpoint.h"

namespace gateway {
namespace {

using Meter = EndpointInfo::Meter;

std::int64_t times(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::int64_t>::max() : product;
}

std::int64_t plus(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

std::optional<std::int64_t> larger(std::optional<std::int64_t> a, std::optional<std::int64_t> b) noexcept {
  return a && b ? std::max(*a, *b) : a ? a : b;
}

// What tokens of images may cost beside the images has a bound, where one is needed.
bool bounds_image_tokens(const HoldInput& in, const Prices& prices) noexcept {
  return !prices.output || in.target_max_output || !in.capped || in.mode != SpendMode::strict;
}

// Whether something is requested that is billed by other units than tokens, and each such unit has a price.
bool priced_by_units(const HoldInput& in, const Prices& prices) noexcept {
  const bool any = in.made_images > 0 || in.audio_ms > 0 || in.characters > 0 || in.searches > 0;
  const bool has_images = prices.image_output_each && bounds_image_tokens(in, prices);
  return any && (in.made_images <= 0 || has_images) && (in.audio_ms <= 0 || prices.audio_second) &&
         (in.characters <= 0 || prices.character) && (in.searches <= 0 || prices.web_search);
}

// What is billed by its tokens needs bounds for them: of an image its target's limit is one.
bool priced_by_tokens(const HoldInput& in, const Prices& prices) noexcept {
  if (!prices.known()) return false;
  const bool by_request = !prices.input && !prices.output && prices.request;
  const EndpointInfo& endpoint = info_of(in.operation);
  switch (endpoint.meter) {
    case Meter::tokens:
      return endpoint.has_output ? prices.knows_output() : prices.input || prices.request;
    case Meter::searches:
      return by_request || prices.input;
    case Meter::images:
      return by_request || (prices.output && in.target_max_output);
    case Meter::seconds:
      return prices.knows_output();
    case Meter::characters:
      break;
  }
  return by_request;
}

bool priced(const HoldInput& in) noexcept {
  const Prices* prices = in.price.prices;
  return prices != nullptr && (priced_by_units(in, *prices) || priced_by_tokens(in, *prices));
}

// As tokens: more than any service counts.
std::int64_t audio_tokens(const HoldInput& in) noexcept {
  return times((std::max<std::int64_t>(in.audio_ms, 0) + 999) / 1000, kMaxTokensOfAudioSecond);
}

// What one answer may come to.
struct OutputBound {
  std::int64_t tokens = 0;
  bool known = false;    // somebody enforces it
  bool clamped = false;  // we do, by writing it into the body
};

OutputBound bound_output(const HoldInput& in) noexcept {
  const EndpointInfo& endpoint = info_of(in.operation);
  if (endpoint.meter == Meter::images) return {in.target_max_output.value_or(0), true, false};
  if (endpoint.meter == Meter::seconds) {
    const std::int64_t spoken = audio_tokens(in);
    return {std::min(in.target_max_output.value_or(spoken), spoken), true, false};
  }
  if (!endpoint.has_output) return {0, true, false};
  // Completions have but one name for it.
  const auto allowed =
      in.operation == Operation::completions ? in.max_tokens : larger(in.max_tokens, in.max_completion_tokens);
  const auto by_others = allowed ? std::optional(std::max(*allowed, in.target_least_output)) : in.target_max_output;
  const bool needs_bound = !by_others && in.capped && in.mode == SpendMode::strict && priced(in);
  const auto clamp = in.clamp ? in.clamp : needs_bound ? std::optional(kDefaultMaxOutput) : std::nullopt;
  if (clamp && (!by_others || *clamp < *by_others)) return {std::max<std::int64_t>(*clamp, 0), true, true};
  if (by_others) return {std::max<std::int64_t>(*by_others, 0), true, false};
  return {kDefaultMaxOutput, false, false};
}

bool unbounded(const HoldInput& in) noexcept {
  return (in.images > 0 && !in.price.prices->image) || (in.audios > 0 && !in.price.prices->audio) || in.files > 0;
}

Money expected_cost(const HoldInput& in, const OutputBound& output, std::int64_t choices,
                    const Surcharges& beside) noexcept {
  if (in.expected_cost) return *in.expected_cost;
  Usage usage;
  usage.input = in.input_estimate;
  usage.cached_input = std::clamp<std::int64_t>(in.cached_estimate, 0, in.input_estimate);
  usage.output = times(output.known ? std::min(output.tokens, kExpectedOutput) : kExpectedOutput, choices);
  return price(*in.price.prices, usage, in.images, in.audios, in.at, std::nullopt, beside);
}

}  // namespace

HoldPlan plan_hold(const HoldInput& in) noexcept {
  HoldPlan plan;
  const std::int64_t choices = std::max<std::int64_t>(in.n, 1);
  const OutputBound output = bound_output(in);
  plan.output_bound = times(output.tokens, choices);
  plan.output_is_bounded = output.known;
  plan.clamped = output.clamped;
  if (output.clamped) plan.write_max_tokens = output.tokens;
  if (!priced(in)) {
    if (in.capped && !in.allow_unpriced) plan.verdict = HoldPlan::Verdict::unpriced_model;
    return plan;
  }
  if (in.options != nullptr) plan.beside = surcharges_for(*in.price.prices, *in.options);
  plan.beside.web_searches = plus(plan.beside.web_searches, std::max<std::int64_t>(in.searches, 0));
  plan.beside.images = in.made_images;
  plan.beside.audio_ms = in.audio_ms;
  plan.beside.characters = in.characters;
  if (in.mode == SpendMode::estimate) {
    plan.hold = expected_cost(in, output, choices, plan.beside);
    return plan;
  }
  if (in.capped && !in.allow_unpriced && in.options != nullptr) {
    plan.option = unpriced_option(*in.price.prices, *in.options);
  }
  if (!plan.option.empty()) {
    plan.verdict = HoldPlan::Verdict::unpriced_option;
  } else if (in.capped && unbounded(in)) {
    plan.verdict = HoldPlan::Verdict::unbounded_input;
  } else {
    plan.hold = worst_case(*in.price.prices, plus(in.input_bound, audio_tokens(in)), plan.output_bound, in.images,
                           in.audios, in.at, plan.beside);
  }
  return plan;
}

std::int64_t tokens_to_charge(const HoldInput& in, std::optional<std::int64_t> mean_output) noexcept {
  if (!info_of(in.operation).has_output) return in.input_estimate;
  const std::int64_t mean = mean_output.value_or(kExpectedOutput);
  const std::int64_t each = std::min(larger(in.max_tokens, in.max_completion_tokens).value_or(mean), mean);
  return plus(in.input_estimate, times(std::max<std::int64_t>(each, 0), std::max<std::int64_t>(in.n, 1)));
}

}  // namespace gateway
