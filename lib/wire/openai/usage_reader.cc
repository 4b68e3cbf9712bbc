#include "wire/openai/usage_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

constexpr std::int64_t kMostUsage = 10'000'000'000;
constexpr std::int64_t kTicksPerDollar = 10'000'000'000;

enum class Count : std::uint8_t {
  input,
  output,
  total,
  cached,
  written,
  reasoning,
  audio_input,
  image_input,
  audio_output,
  image_output,
};
constexpr std::size_t kCounts = 10;
enum class UsagePart : std::uint8_t { root, input_details, output_details };

struct CountName {
  UsagePart part;
  std::string_view name;
  Count count;
};
// The names that services have for the same figures; if several of one figure are present, the largest one wins.
constexpr CountName kCountNames[] = {
    {UsagePart::root, "prompt_tokens", Count::input},
    {UsagePart::root, "input_tokens", Count::input},
    {UsagePart::root, "completion_tokens", Count::output},
    {UsagePart::root, "output_tokens", Count::output},
    {UsagePart::root, "total_tokens", Count::total},
    {UsagePart::input_details, "cached_tokens", Count::cached},
    {UsagePart::input_details, "cache_read_tokens", Count::cached},
    {UsagePart::root, "cached_tokens", Count::cached},
    {UsagePart::root, "prompt_cache_hit_tokens", Count::cached},
    {UsagePart::root, "cache_read_input_tokens", Count::cached},
    {UsagePart::root, "num_cached_tokens", Count::cached},
    {UsagePart::input_details, "cache_write_tokens", Count::written},
    {UsagePart::input_details, "cache_creation_tokens", Count::written},
    {UsagePart::root, "cache_creation_input_tokens", Count::written},
    {UsagePart::root, "cache_write_tokens", Count::written},
    {UsagePart::output_details, "reasoning_tokens", Count::reasoning},
    {UsagePart::output_details, "thinking_tokens", Count::reasoning},
    {UsagePart::root, "reasoning_tokens", Count::reasoning},
    {UsagePart::root, "thinking_tokens", Count::reasoning},
    {UsagePart::input_details, "audio_tokens", Count::audio_input},
    {UsagePart::input_details, "image_tokens", Count::image_input},
    {UsagePart::output_details, "audio_tokens", Count::audio_output},
    {UsagePart::output_details, "image_tokens", Count::image_output},
};

std::optional<Count> count_of(UsagePart part, std::string_view name) noexcept {
  for (const CountName& each : kCountNames) {
    if (each.part == part && each.name == name) return each.count;
  }
  return std::nullopt;
}

std::optional<UsagePart> usage_part_of(std::string_view name) noexcept {
  for (const std::string_view input : {"prompt_tokens_details", "input_tokens_details", "input_token_details"}) {
    if (name == input) return UsagePart::input_details;
  }
  for (const std::string_view output : {"completion_tokens_details", "output_tokens_details", "output_token_details"}) {
    if (name == output) return UsagePart::output_details;
  }
  return std::nullopt;
}

// A figure that may be absent: null counts as absent.
struct UsageFigure {
  bool there = false;
  std::optional<std::int64_t> value;  // only a valid one
  bool bad() const noexcept { return there && !value; }
};

class UsageReading {
 public:
  UsageReading(json::Walk& walk, std::string& scratch) : walk_(walk), scratch_(scratch) {}

  bool usage(Value value) {
    return walk_.object(value, [this](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (const auto count = count_of(UsagePart::root, name)) return figure(member, of(*count));
      if (const auto part = usage_part_of(name)) return details(member, *part);
      if (name == "cost") return cost(member);
      if (name == "cost_in_usd_ticks") return ticks(member);
      if (name == "cost_details") return cost_details(member);
      if (name == "is_byok" && walk_.kind(member) == Kind::boolean) return walk_.boolean(member, is_byok_);
      if (name == "service_tier") return walk_.text_into(member, tier_);
      if (name == "seconds") return read_audio_seconds(walk_, member, audio_ms_);
      if (name == "search_units") return units(member, searches_);
      return walk_.skip(member);
    });
  }

  void settle(AnswerFacts& facts) const {
    facts.usage_odd |=
        odd_ || std::any_of(figures_.begin(), figures_.end(), [](const UsageFigure& f) { return f.bad(); });
    if (cost_) facts.cost = cost_;
    if (upstream_cost_) facts.upstream_cost = upstream_cost_;
    facts.is_byok |= is_byok_;
    if (facts.service_tier.empty()) facts.service_tier = tier_;
    if (audio_ms_) facts.audio_ms = audio_ms_;
    if (searches_) facts.searches = searches_;
    settle_counts(facts);
  }

 private:
  UsageFigure& of(Count count) noexcept { return figures_[static_cast<std::size_t>(count)]; }
  const UsageFigure& of(Count count) const noexcept { return figures_[static_cast<std::size_t>(count)]; }
  std::int64_t value_of(Count count) const noexcept { return of(count).value.value_or(0); }

  void settle_counts(AnswerFacts& facts) const {
    const UsageFigure& input = of(Count::input);
    const UsageFigure& output = of(Count::output);
    const UsageFigure& total = of(Count::total);
    // Some count embeddings by their total alone.
    const bool total_alone = !input.there && !output.there && total.value;
    if ((!input.value && !total_alone) || output.bad()) {
      const bool counts_others = audio_ms_ || searches_;
      facts.usage_odd |= !input.there && !counts_others;
      return;
    }
    Usage usage;
    usage.input = total_alone ? *total.value : *input.value;
    usage.output = value_of(Count::output);
    const std::int64_t cached = value_of(Count::cached), written = value_of(Count::written);
    // What a total has beyond both is output that was counted apart (reasoning, mostly), unless it is just what was
    // read from and written to a cache.
    if (const std::int64_t rest = total.value.value_or(0) - usage.input - usage.output; rest > 0) {
      const bool is_cache = rest == cached + written && cached + written > usage.input;
      (is_cache ? usage.input : usage.output) += rest;
    }
    usage.cached_input = part(cached, usage.input, facts.usage_odd);
    usage.cache_write = part(written, usage.input - usage.cached_input, facts.usage_odd);
    usage.reasoning = part(value_of(Count::reasoning), usage.output, facts.usage_odd);
    facts.usage = usage;
    // Which of them came from a cache is not told: none of those that were plain is counted twice.
    const std::int64_t plain = usage.input - usage.cached_input - usage.cache_write;
    facts.audio_input = std::min(part(value_of(Count::audio_input), usage.input, facts.usage_odd), plain);
    facts.image_input =
        std::min(part(value_of(Count::image_input), usage.input, facts.usage_odd), plain - facts.audio_input);
    facts.audio_output = part(value_of(Count::audio_output), usage.output, facts.usage_odd);
    facts.image_output = part(value_of(Count::image_output), usage.output - facts.audio_output, facts.usage_odd);
    facts.has_usage = true;
  }

  static std::int64_t part(std::int64_t value, std::int64_t most, bool& odd) noexcept {
    odd |= value > most;
    return std::min(value, most);
  }

  bool figure(Value value, UsageFigure& figure) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    figure.there = true;
    if (walk_.kind(value) != Kind::number) return walk_.skip(value);
    std::string_view token;
    if (!walk_.number(value, token)) return false;
    const auto number = json::to_whole(token);
    if (number && *number >= 0 && *number <= kMostUsage) figure.value = std::max(*number, figure.value.value_or(0));
    return true;
  }

  bool details(Value value, UsagePart part) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    if (walk_.kind(value) != Kind::object) return odd_ = true, walk_.skip(value);
    return walk_.object(value, [this, part](const Text& key, Value member) {
      const auto count = count_of(part, json::unescaped(key, scratch_));
      return count ? figure(member, of(*count)) : walk_.skip(member);
    });
  }

  bool units(Value value, std::optional<std::int64_t>& count) {
    UsageFigure figure_of_units;
    if (!figure(value, figure_of_units)) return false;
    if (figure_of_units.value) count = figure_of_units.value;
    odd_ |= figure_of_units.bad();
    return true;
  }

  // A number, or an object of parts and their sum.
  bool cost(Value value) {
    if (walk_.kind(value) != Kind::object) return money(value, cost_);
    const bool whole = walk_.object(value, [this](const Text& key, Value member) {
      return json::unescaped(key, scratch_) == "total_cost" ? money(member, cost_) : walk_.skip(member);
    });
    odd_ |= !cost_;
    return whole;
  }

  bool ticks(Value value) {
    std::int64_t ticks = -1;
    if (!walk_.integer_into(value, ticks)) return false;
    // Resellers of xAI's models report zero.
    if (ticks > 0 && !cost_) cost_ = Money::units(Money::kUnitsPerDollar / kTicksPerDollar).times_saturated(ticks);
    return true;
  }

  bool cost_details(Value value) {
    if (walk_.kind(value) != Kind::object) return walk_.skip(value);
    return walk_.object(value, [this](const Text& key, Value member) {
      const bool is_cost = json::unescaped(key, scratch_) == "upstream_inference_cost";
      return is_cost ? money(member, upstream_cost_) : walk_.skip(member);
    });
  }

  bool money(Value value, std::optional<Money>& money) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    if (walk_.kind(value) != Kind::number) return odd_ = true, walk_.skip(value);
    std::string_view token;
    if (!walk_.number(value, token)) return false;
    const auto amount = Money::parse_rounded(token);
    if (amount && !amount->is_negative()) {
      money = *amount;
    } else {
      odd_ = true;
    }
    return true;
  }

  json::Walk& walk_;
  std::string& scratch_;
  std::array<UsageFigure, kCounts> figures_;
  std::optional<Money> cost_, upstream_cost_;
  std::optional<std::int64_t> audio_ms_, searches_;
  std::string tier_;
  bool is_byok_ = false;
  bool odd_ = false;
};

constexpr std::int64_t kMostSeconds = 10'000'000;

// What is no such number is left out.
bool read_count(json::Walk& walk, Value value, std::optional<std::int64_t>& count) {
  if (walk.kind(value) != Kind::number) return walk.skip(value);
  std::string_view token;
  if (!walk.number(value, token)) return false;
  const auto number = json::to_whole(token);
  if (number && *number >= 0 && *number <= kMostUsage) count = *number;
  return true;
}

}  // namespace

bool read_audio_seconds(json::Walk& walk, Value value, std::optional<std::int64_t>& ms) {
  std::string text;
  if (!walk.decimal_into(value, text)) return false;  // Groq and older Whispers write it as a text
  // Read as money is, whose units are small enough.
  const auto seconds = Money::parse_rounded(text);
  if (!seconds || seconds->is_negative()) return true;
  constexpr std::int64_t kUnitsPerMs = Money::kUnitsPerDollar / 1000;
  const std::int64_t rounded = seconds->units() / kUnitsPerMs + (seconds->units() % kUnitsPerMs > 0 ? 1 : 0);
  if (rounded <= kMostSeconds * 1000) ms = rounded;
  return true;
}

bool read_cohere_meta(json::Walk& walk, Value value, std::string& scratch, CohereMeta& meta) {
  if (walk.kind(value) != Kind::object) return walk.skip(value);
  return walk.object(value, [&](const Text& key, Value member) {
    const std::string_view part = json::unescaped(key, scratch);
    const bool billed = part == "billed_units";
    if ((!billed && part != "tokens") || walk.kind(member) != Kind::object) return walk.skip(member);
    TokenCounts& tokens = billed ? meta.billed : meta.counted;
    return walk.object(member, [&](const Text& name, Value figure) {
      const std::string_view unit = json::unescaped(name, scratch);
      if (unit == "input_tokens") return read_count(walk, figure, tokens.input);
      if (unit == "output_tokens") return read_count(walk, figure, tokens.output);
      // Those of images are counted apart from the text's.
      if (unit == "image_tokens") return read_count(walk, figure, tokens.images);
      return billed && unit == "search_units" ? read_count(walk, figure, meta.searches) : walk.skip(figure);
    });
  });
}

void settle_cohere_meta(const CohereMeta& meta, AnswerFacts& facts) {
  if (meta.searches) facts.searches = meta.searches;
  const TokenCounts& tokens = meta.billed.any() ? meta.billed : meta.counted;
  if (facts.has_usage || !tokens.any()) return;
  facts.usage = Usage{};
  facts.usage.input = tokens.input.value_or(0) + tokens.images.value_or(0);
  facts.usage.output = tokens.output.value_or(0);
  facts.image_input = tokens.images.value_or(0);
  facts.has_usage = true;
}

bool read_usage(json::Walk& walk, Value value, std::string& scratch, AnswerFacts& facts) {
  if (walk.kind(value) == Kind::null) return walk.null(value);
  if (walk.kind(value) != Kind::object) return facts.usage_odd = true, walk.skip(value);
  facts.usage_odd |= facts.has_usage;
  UsageReading reading(walk, scratch);
  if (!reading.usage(value)) return false;
  reading.settle(facts);
  return true;
}

}  // namespace gateway
