// OpenRouter's GET /key: what a key has spent.
#pragma once

#include <string_view>

#include "gateway/money.h"
#include "gateway/result.h"

namespace gateway {

// data.usage_daily: USD in the UTC day that is not over yet, rounded to 10^-12. invalid: it is not reported.
Result<Money> read_usage_of_today(std::string_view json);

}  // namespace gateway
