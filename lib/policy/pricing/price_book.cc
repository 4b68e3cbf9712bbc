#include "policy/pricing/price_book.h"

#include <limits>

namespace gateway {
namespace {

using std::chrono::minutes;

constexpr std::int64_t kMinutesOfDay = 24 * 60;
constexpr minutes kAhead{60};
constexpr std::int64_t kManyTokens = std::numeric_limits<std::int64_t>::max();

std::int64_t minute_of_day(WallTime at) noexcept {
  return std::chrono::floor<minutes>(at - std::chrono::floor<std::chrono::days>(at)).count();
}

// Equal ends mean the whole day.
bool holds_at(const PriceOverride& o, std::int64_t minute) noexcept {
  if (!o.utc_start_minute && !o.utc_end_minute) return true;
  const std::int64_t start = o.utc_start_minute.value_or(0);
  const std::int64_t end = o.utc_end_minute.value_or(static_cast<int>(kMinutesOfDay));
  if (start < end) return start <= minute && minute < end;
  return start == end || minute >= start || minute < end;
}

void override_with(Prices& base, const Prices& over) noexcept {
  const auto put = [](std::optional<Money>& to, const std::optional<Money>& from) {
    if (from) to = from;
  };
  put(base.input, over.input);
  put(base.output, over.output);
  put(base.cached_input, over.cached_input);
  put(base.cache_write, over.cache_write);
  put(base.cache_write_1h, over.cache_write_1h);
  put(base.reasoning, over.reasoning);
  put(base.request, over.request);
  put(base.image, over.image);
  put(base.audio, over.audio);
  put(base.web_search, over.web_search);
  put(base.audio_input, over.audio_input);
  put(base.image_input, over.image_input);
  put(base.audio_output, over.audio_output);
  put(base.image_output, over.image_output);
  put(base.image_output_each, over.image_output_each);
  put(base.audio_second, over.audio_second);
  put(base.character, over.character);
}

Prices figures_of(const Prices& p) noexcept {
  Prices figures;
  override_with(figures, p);
  return figures;
}

Money at_least_zero(Money m) noexcept { return std::max(m, Money{}); }

// Of the figures as they are, whatever overrides there may be.
Rates rates_of(const Prices& p) noexcept {
  Rates r;
  r.input = at_least_zero(p.input.value_or(Money{}));
  r.output = at_least_zero(p.output.value_or(Money{}));
  r.cached_input = at_least_zero(p.cached_input.value_or(r.input));
  r.cache_write = at_least_zero(p.cache_write.value_or(r.input));
  r.cache_write_1h = at_least_zero(p.cache_write_1h.value_or(r.cache_write));
  r.reasoning = at_least_zero(p.reasoning.value_or(r.output));
  r.request = at_least_zero(p.request.value_or(Money{}));
  if (p.image) r.image = at_least_zero(*p.image);
  if (p.audio) r.audio = at_least_zero(*p.audio);
  if (p.web_search) r.web_search = at_least_zero(*p.web_search);
  if (p.audio_input) r.audio_input = at_least_zero(*p.audio_input);
  if (p.image_input) r.image_input = at_least_zero(*p.image_input);
  if (p.audio_output) r.audio_output = at_least_zero(*p.audio_output);
  if (p.image_output) r.image_output = at_least_zero(*p.image_output);
  if (p.image_output_each) r.image_output_each = at_least_zero(*p.image_output_each);
  if (p.audio_second) r.audio_second = at_least_zero(*p.audio_second);
  if (p.character) r.character = at_least_zero(*p.character);
  return r;
}

std::int64_t within(std::int64_t part, std::int64_t whole) noexcept {
  return std::clamp<std::int64_t>(part, 0, std::max<std::int64_t>(whole, 0));
}

// So many parts of a rate, `whole` of which are all of it; rounded up, so that no hold is below its cost.
Money part_of(Money rate, std::int64_t parts, std::int64_t whole) noexcept {
  __extension__ using Product = __int128;
  const Product units = (static_cast<Product>(rate.units()) * parts + whole - 1) / whole;
  return units > Money::max().units() ? Money::max() : Money::units(static_cast<std::int64_t>(units));
}

Money at_tier(Money usual, std::int64_t millionths) noexcept {
  return millionths == Surcharges::kUsualTier ? usual : part_of(usual, millionths, Surcharges::kUsualTier);
}

// Rates as the tier has them; what is paid per request or use is the same in all.
Rates at_tier(Rates r, std::int64_t millionths) noexcept {
  if (millionths == Surcharges::kUsualTier) return r;
  for (Money* rate : {&r.input, &r.output, &r.cached_input, &r.cache_write, &r.cache_write_1h, &r.reasoning}) {
    *rate = at_tier(*rate, millionths);
  }
  for (std::optional<Money>* rate : {&r.image, &r.audio, &r.audio_input, &r.image_input, &r.audio_output,
                                     &r.image_output, &r.image_output_each, &r.audio_second, &r.character}) {
    if (*rate) *rate = at_tier(**rate, millionths);
  }
  return r;
}

Money per_second(Money rate, std::int64_t length_ms) noexcept { return part_of(rate, length_ms, 1000); }

// What is paid by other units than tokens.
Money unit_cost(const Rates& r, const Surcharges& beside) noexcept {
  const auto count = [](std::int64_t n) { return std::max<std::int64_t>(n, 0); };
  return r.web_search.value_or(Money{})
      .times_saturated(count(beside.web_searches))
      .plus_saturated(r.image_output_each.value_or(Money{}).times_saturated(count(beside.images)))
      .plus_saturated(per_second(r.audio_second.value_or(Money{}), count(beside.audio_ms)))
      .plus_saturated(r.character.value_or(Money{}).times_saturated(count(beside.characters)));
}

// The units of a usage, where it counts them, else those that were asked for.
Surcharges with_units_of(const Usage& usage, Surcharges beside) noexcept {
  if (usage.searches > 0) beside.web_searches = usage.searches;
  if (usage.images > 0) beside.images = usage.images;
  if (usage.audio_ms > 0) beside.audio_ms = usage.audio_ms;
  if (usage.characters > 0) beside.characters = usage.characters;
  return beside;
}

Money fixed_cost(const Rates& r, std::int64_t images, std::int64_t audios, const Surcharges& beside) noexcept {
  return r.request.plus_saturated(r.image.value_or(Money{}).times_saturated(std::max<std::int64_t>(images, 0)))
      .plus_saturated(r.audio.value_or(Money{}).times_saturated(std::max<std::int64_t>(audios, 0)))
      .plus_saturated(unit_cost(r, beside));
}

// Images and audio have a say where their tokens may be charged: not where each of them has a price.
Money dearest_input(const Rates& r, std::int64_t images, std::int64_t audios, const Surcharges& beside) noexcept {
  Money dearest = r.dearest_input();
  if (beside.hour_writes > 0) dearest = std::max(dearest, r.cache_write_1h);
  if (images > 0 && !r.image && r.image_input) dearest = std::max(dearest, *r.image_input);
  const bool hears = audios > 0 || beside.audio_ms > 0;
  if (hears && !r.audio && r.audio_input) dearest = std::max(dearest, *r.audio_input);
  return dearest;
}

Money dearest_output(const Rates& r, const Surcharges& beside) noexcept {
  Money dearest = r.dearest_output();
  if (beside.audio_output > 0 && r.audio_output) dearest = std::max(dearest, *r.audio_output);
  if (beside.image_output > 0 && r.image_output) dearest = std::max(dearest, *r.image_output);
  return dearest;
}

// Tokens beyond the text are those of images and audio: not charged again where unit prices pay for all of these.
std::int64_t charged_input(const Prices& prices, std::int64_t input, std::int64_t images, std::int64_t audios,
                           WallTime at, std::optional<std::int64_t> text_bound) noexcept {
  if (!text_bound || (images <= 0 && audios <= 0)) return input;
  const std::int64_t text = within(*text_bound, input);
  const Rates r = rates_for(prices, text, at);
  return (images <= 0 || r.image) && (audios <= 0 || r.audio) ? text : input;
}

// Calls each(rates, prompt tokens) for usages of which one is the dearest whatever the output is: rates change only at
// the thresholds of the overrides and at their times, and between two thresholds the longest prompt costs most.
template <class Each>
void for_each_corner(const Prices& prices, std::int64_t input_bound, WallTime at, const Each& each) {
  const auto at_sizes = [&](WallTime when) {
    each(rates_for(prices, input_bound, when), input_bound);
    for (const PriceOverride& o : prices.overrides) {
      if (const std::int64_t below = o.min_prompt_tokens - 1; below >= 0 && below < input_bound) {
        each(rates_for(prices, below, when), below);
      }
    }
  };
  at_sizes(at);
  const std::int64_t now = minute_of_day(at);
  const WallTime this_minute = std::chrono::floor<minutes>(at);
  const auto at_change = [&](std::int64_t minute) {
    const std::int64_t ahead = ((minute - now) % kMinutesOfDay + kMinutesOfDay) % kMinutesOfDay;
    if (ahead > 0 && ahead <= kAhead.count()) at_sizes(this_minute + minutes{ahead});
  };
  for (const PriceOverride& o : prices.overrides) {
    if (!o.utc_start_minute && !o.utc_end_minute) continue;
    at_change(o.utc_start_minute.value_or(0));
    at_change(o.utc_end_minute.value_or(0));
  }
}

}  // namespace

void Catalogue::index() {
  by_id.clear();
  by_id.reserve(models.size());
  for (const CatalogueModel& model : models) by_id.emplace(model.id, &model);
}

const CatalogueModel* Catalogue::find(std::string_view id) const noexcept {
  const auto it = by_id.find(id);
  return it == by_id.end() ? nullptr : it->second;
}

Rates rates_for(const Prices& prices, std::int64_t prompt_tokens, WallTime at) noexcept {
  if (prices.overrides.empty()) return rates_of(prices);
  Prices p = figures_of(prices);
  const std::int64_t minute = minute_of_day(at);
  for (const PriceOverride& o : prices.overrides) {
    if (prompt_tokens >= o.min_prompt_tokens && holds_at(o, minute)) override_with(p, o.prices);
  }
  return rates_of(p);
}

std::optional<std::int64_t> tier_factor(const Prices& prices, std::string_view tier) noexcept {
  for (const ServiceTier& each : prices.service_tiers) {
    if (each.name == tier) return each.millionths;
  }
  for (const std::string_view usual : {"", "default", "auto", "standard", "standard_only"}) {
    if (tier == usual) return Surcharges::kUsualTier;
  }
  return std::nullopt;
}

std::string_view unpriced_option(const Prices& prices, const RequestOptions& options) noexcept {
  if (!options.unpriced.empty()) return options.unpriced;
  if (options.preset) return "preset";
  if (!tier_factor(prices, options.service_tier)) return "service_tier";
  if (options.web_searches > 0 && !prices.web_search) return options.search_field;
  const bool output_unpriced =
      (options.audio_output && !prices.audio_output) || (options.image_output && !prices.image_output);
  return output_unpriced ? options.output_field : std::string_view();
}

Surcharges surcharges_for(const Prices& prices, const RequestOptions& options) noexcept {
  return {.tier = tier_factor(prices, options.service_tier).value_or(Surcharges::kUsualTier),
          .web_searches = options.web_searches,
          .audio_input = 0,
          .image_input = 0,
          .hour_writes = options.hour_cache ? 1 : 0,
          .audio_output = options.audio_output ? 1 : 0,
          .image_output = options.image_output ? 1 : 0,
          .images = 0,
          .audio_ms = 0,
          .characters = 0};
}

Money price(const Prices& prices, const Usage& usage, std::int64_t images, std::int64_t audios, WallTime at,
            std::optional<std::int64_t> text_bound, const Surcharges& beside) noexcept {
  const std::int64_t input =
      charged_input(prices, std::max<std::int64_t>(usage.input, 0), images, audios, at, text_bound);
  const std::int64_t output = std::max<std::int64_t>(usage.output, 0);
  const std::int64_t cached = within(usage.cached_input, input);
  const std::int64_t written = within(usage.cache_write, input - cached);
  const std::int64_t for_an_hour = within(beside.hour_writes, written);
  const std::int64_t heard = within(beside.audio_input, input - cached - written);
  const std::int64_t seen = within(beside.image_input, input - cached - written - heard);
  const std::int64_t reasoning = within(usage.reasoning, output);
  const std::int64_t audio = within(beside.audio_output, output - reasoning);
  const std::int64_t image = within(beside.image_output, output - reasoning - audio);
  const Rates r = at_tier(rates_for(prices, input, at), beside.tier);
  return fixed_cost(r, images, audios, with_units_of(usage, beside))
      .plus_saturated(r.input.times_saturated(input - cached - written - heard - seen))
      .plus_saturated(r.audio_input.value_or(r.input).times_saturated(heard))
      .plus_saturated(r.image_input.value_or(r.input).times_saturated(seen))
      .plus_saturated(r.cached_input.times_saturated(cached))
      .plus_saturated(r.cache_write.times_saturated(written - for_an_hour))
      .plus_saturated(r.cache_write_1h.times_saturated(for_an_hour))
      .plus_saturated(r.output.times_saturated(output - reasoning - audio - image))
      .plus_saturated(r.audio_output.value_or(r.output).times_saturated(audio))
      .plus_saturated(r.image_output.value_or(r.output).times_saturated(image))
      .plus_saturated(r.reasoning.times_saturated(reasoning));
}

Money worst_case(const Prices& prices, std::int64_t input_bound, std::int64_t output_bound, std::int64_t images,
                 std::int64_t audios, WallTime at, const Surcharges& beside) noexcept {
  const std::int64_t output = std::max<std::int64_t>(output_bound, 0);
  Money worst;
  for_each_corner(prices, std::max<std::int64_t>(input_bound, 0), at, [&](const Rates& usual, std::int64_t input) {
    const Rates r = at_tier(usual, beside.tier);
    worst = std::max(worst, fixed_cost(r, images, audios, beside)
                                .plus_saturated(dearest_input(r, images, audios, beside).times_saturated(input))
                                .plus_saturated(dearest_output(r, beside).times_saturated(output)));
  });
  return worst;
}

std::optional<std::int64_t> max_output_that_fits(const Prices& prices, std::int64_t input_bound, std::int64_t images,
                                                 std::int64_t audios, std::int64_t choices, Money budget, WallTime at,
                                                 const Surcharges& beside) noexcept {
  std::int64_t most = kManyTokens;
  for_each_corner(prices, std::max<std::int64_t>(input_bound, 0), at, [&](const Rates& usual, std::int64_t input) {
    const Rates r = at_tier(usual, beside.tier);
    const Money before = fixed_cost(r, images, audios, beside)
                             .plus_saturated(dearest_input(r, images, audios, beside).times_saturated(input));
    if (before > budget) {
      most = 0;
    } else if (const Money each = dearest_output(r, beside); !each.is_zero()) {
      most = std::min(most, budget.minus(before)->units() / each.units());
    }
  });
  if (most == kManyTokens) return std::nullopt;
  most /= std::max<std::int64_t>(choices, 1);
  return most > 0 ? std::optional(most) : std::nullopt;
}

}  // namespace gateway
