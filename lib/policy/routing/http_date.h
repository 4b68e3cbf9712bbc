// Dates in header fields.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/time.h"

namespace gateway {

// An HTTP date in any of the three forms of RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", the obsolete "Sunday,
// 06-Nov-94 08:49:37 GMT" (a year more than 50 years after `now` is one of the past century), and asctime's
// "Sun Nov  6 08:49:37 1994". The name of the day is not checked against the date. Anything else: nullopt.
std::optional<WallTime> parse_http_date(std::string_view text, WallTime now) noexcept;

}  // namespace gateway
