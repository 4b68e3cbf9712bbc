// The simulated provider's price list.
#pragma once

#include <string_view>

#include "policy/pricing/price_book.h"

namespace gateway {

// The models it lists with invented prices, so that costs and caps can be tried out: 1 USD a million tokens in, 2 out;
// 0.01 USD an image, 10 USD a million characters, 0.0001 USD a second of audio, 0.001 USD a search.
const Catalogue& simulated_catalogue();
// The listed model that a name with options refers to: "simulated/lorem?chunks=20" is "simulated/lorem".
std::string_view without_options(std::string_view model) noexcept;

}  // namespace gateway
