// A name for prices that have none: those of the configuration.
#pragma once

#include <string>

#include "gateway/config.h"

namespace gateway {

// "config@1a2b3c4d": a hash of every figure and condition, the same on every machine and in every process. Other prices
// have another.
std::string config_price_version(const Prices& prices);

}  // namespace gateway
