// The simulated provider's price list.
#pragma once

#include <string_view>

#include "policy/pricing/price_book.h"

namespace gateway {

// The models it lists with invented prices, so that costs and caps can be tried out: 1 USD a million tokens in, 2 out.
const Catalogue& simulated_catalogue();
// The listed model that a name with options refers to: "simulated/lorem?chunks=20" is "simulated/lorem".
std::string_view without_options(std::string_view model) noexcept;

}  // namespace gateway
