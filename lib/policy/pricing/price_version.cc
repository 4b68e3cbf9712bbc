#include "policy/pricing/price_version.h"

#include <fmt/format.h>

#include <span>

#include "base/checksum.h"
#include "policy/pricing/price_figures.h"

namespace gateway {
namespace {

void append(std::string& text, const Prices& prices) {
  for (const PriceFigure& each : kPriceFigures) {
    if (const auto& money = prices.*each.figure) text += fmt::format("{}={};", each.name, money->units());
  }
}

}  // namespace

std::string config_price_version(const Prices& prices) {
  std::string text;
  append(text, prices);
  for (const ServiceTier& each : prices.service_tiers) text += fmt::format("tier {}={};", each.name, each.millionths);
  for (const PriceOverride& each : prices.overrides) {
    text += fmt::format("from={},{}-{}:", each.min_prompt_tokens, each.utc_start_minute.value_or(-1),
                        each.utc_end_minute.value_or(-1));
    append(text, each.prices);
  }
  return fmt::format("config@{:08x}", crc32c(std::as_bytes(std::span(text))));
}

}  // namespace gateway
