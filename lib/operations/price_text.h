// Figures and conditions of prices as text, the same for a comparison and for displays.
#pragma once

#include <string>

#include "gateway/prices.h"
#include "policy/pricing/price_figures.h"

namespace gateway::operations {

// The amount in its figure's unit; absent: empty.
std::string shown(const PriceFigure& figure, const Prices& prices);
// "USD per million tokens", "USD per image" ...
std::string unit_of(const PriceFigure& figure);
// When an override applies: "from 200001 tokens, 16:30-00:30 UTC".
std::string condition_text(const PriceOverride& rule);

}  // namespace gateway::operations
