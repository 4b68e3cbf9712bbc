#include "config/scenario_scalars.h"

#include "config/scalars.h"

namespace gateway::scalars {

std::optional<std::int64_t> millionths(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const std::optional<Money> value = amount(text);  // exact decimals
  const std::int64_t unit = Money::kUnitsPerDollar / sim::kAll * (percent ? 100 : 1);
  if (!value || value->units() % unit != 0) return std::nullopt;
  const std::int64_t out = value->units() / unit;
  return out <= sim::kAll ? std::optional(out) : std::nullopt;
}

std::optional<StatusRange> statuses(std::string_view text) {
  if (text.size() == 3 && text.ends_with("xx") && text[0] >= '1' && text[0] <= '5') {
    const std::int32_t hundreds = (text[0] - '0') * 100;
    return StatusRange{hundreds, hundreds + 99};
  }
  const auto range = between(text, whole);
  if (!range || range->least < 0 || range->most > 599) return std::nullopt;
  return StatusRange{static_cast<std::int32_t>(range->least), static_cast<std::int32_t>(range->most)};
}

std::optional<sim::Latency> latency(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto low = duration(text.substr(0, dots));
  if (!low) return std::nullopt;
  if (dots == text.npos) return sim::Latency{sim::Latency::Shape::fixed, *low};
  const auto high = duration(text.substr(dots + 2));
  if (!high || *high < *low) return std::nullopt;
  return sim::Latency{sim::Latency::Shape::uniform, *low, *high};
}

}  // namespace gateway::scalars
