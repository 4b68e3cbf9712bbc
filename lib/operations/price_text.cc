#include "operations/price_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace gateway::operations {
namespace {

std::string clock(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

}  // namespace

std::string shown(const PriceFigure& figure, const Prices& prices) {
  const auto& price = prices.*figure.figure;
  if (!price) return {};
  return (figure.per_token ? price->times_saturated(1'000'000) : *price).to_string();
}

std::string unit_of(const PriceFigure& figure) {
  return figure.per_token ? "USD per million tokens" : fmt::format("USD per {}", figure.name);
}

std::string condition_text(const PriceOverride& rule) {
  std::vector<std::string> parts;
  if (rule.min_prompt_tokens > 0) parts.push_back(fmt::format("from {} tokens", rule.min_prompt_tokens));
  if (rule.utc_start_minute || rule.utc_end_minute) {
    parts.push_back(
        fmt::format("{}-{} UTC", clock(rule.utc_start_minute.value_or(0)), clock(rule.utc_end_minute.value_or(1440))));
  }
  return parts.empty() ? "always" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace gateway::operations
