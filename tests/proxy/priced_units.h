// Gateways whose targets have prices for the units of all operations.
#pragma once

#include "proxy/bench_gateway.h"

namespace gateway::testing {

inline Prices unit_prices() {
  Prices prices = test_prices("0.000001", "0.000002");
  prices.image_output_each = Money::parse("0.04").value();
  prices.character = Money::parse("0.00001").value();
  prices.audio_second = Money::parse("0.0001").value();
  prices.web_search = Money::parse("0.002").value();
  return prices;
}

inline Config priced_config() {
  Config config = test_config();
  for (TargetConfig& target : config.routes[0].targets) target.prices = unit_prices();
  return config;
}

inline Config capped_config(const char* cap) {
  Config config = priced_config();
  config.projects[0].spend.caps = {SpendCap{Money::parse(cap).value(), Period::total, {}}};
  return config;
}

}  // namespace gateway::testing
