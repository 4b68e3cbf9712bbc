#include "app/render/price_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "app/render/json.h"

namespace gateway::app {
namespace {

std::string clock(int minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

void add_figures(json::Object& object, const Prices& prices) {
  for (const PriceFigure& each : kPriceFigures) {
    const std::string amount = shown(each, prices);
    if (each.rare && amount.empty()) continue;
    object.add(each.name, amount.empty() ? json::null() : json::text(amount));
  }
}

std::string factor(const ServiceTier& tier) {
  return Money::units(tier.millionths * (Money::kUnitsPerDollar / 1'000'000)).to_string();
}

std::string override_json(const PriceOverride& rule) {
  const auto time = [](int minute) { return json::text(clock(minute)); };
  json::Object object;
  object.add("min_prompt_tokens", rule.min_prompt_tokens > 0 ? json::number(rule.min_prompt_tokens) : json::null())
      .add("utc_start", json::optional(rule.utc_start_minute, time))
      .add("utc_end", json::optional(rule.utc_end_minute, time));
  add_figures(object, rule.prices);
  return object.str();
}

}  // namespace

std::string figures_text(const Prices& prices) {
  std::vector<std::string> parts;
  for (const PriceFigure& each : kPriceFigures) {
    if (prices.*each.figure) parts.push_back(fmt::format("{} {}", each.name, shown(each, prices)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string overrides_text(const Prices& prices) {
  std::vector<std::string> parts;
  for (const PriceOverride& rule : prices.overrides)
    parts.push_back(fmt::format("{}: {}", condition_text(rule), figures_text(rule.prices)));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string tiers_text(const Prices& prices) {
  std::vector<std::string> parts;
  for (const ServiceTier& each : prices.service_tiers) parts.push_back(fmt::format("{} {}", each.name, factor(each)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string tiers_json(const Prices& prices) {
  json::Object object;
  for (const ServiceTier& each : prices.service_tiers) object.add(each.name, json::text(factor(each)));
  return object.str();
}

std::string prices_json(const Prices& prices) {
  json::Object object;
  add_figures(object, prices);
  return object.add("service_tiers", tiers_json(prices)).add("overrides", overrides_json(prices)).str();
}

std::string overrides_json(const Prices& prices) {
  std::vector<std::string> rules;
  for (const PriceOverride& rule : prices.overrides) rules.push_back(override_json(rule));
  return json::list(rules);
}

}  // namespace gateway::app
