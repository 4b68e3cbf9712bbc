// The texts of single values, read strictly.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/money.h"

namespace gateway::scalars {

std::optional<std::int64_t> whole(std::string_view text);  // decimal digits, an optional minus
std::optional<double> share(std::string_view text);        // from 0 to 1: "0.2"
std::optional<double> multiple(std::string_view text);     // at least 0, at most 1000: "2.5"
std::optional<bool> flag(std::string_view text);           // true or false
// A whole number and ms, s, m, h or d; also a bare 0. At most 3650 days.
std::optional<std::chrono::milliseconds> duration(std::string_view text);
std::optional<std::int64_t> bytes(std::string_view text);  // a whole number, and B, KiB, MiB or GiB; at most 1 TiB
std::optional<int> minute_of_day(std::string_view text);   // "16:30"
std::optional<Money> amount(std::string_view text);        // USD, not negative, exact
std::optional<Money> per_token(Money per_million);         // nothing when finer than 10^-12 USD per token

inline constexpr const char* kDurationExpected = "a duration such as 250ms, 2s, 10m or 1h";
inline constexpr const char* kBytesExpected = "a size such as 32KiB or 32MiB";

}  // namespace gateway::scalars
