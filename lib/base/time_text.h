// Times as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/time.h"

namespace gateway {

// RFC 3339 in UTC: "2026-11-22T13:00:00Z", with three or six decimals if they are not zero. Years outside 0000..9999
// stop at the ends.
std::string rfc3339(WallTime time);
// RFC 3339, any offset; decimals past the sixth are dropped. Leap seconds count as the second after.
std::optional<WallTime> parse_rfc3339(std::string_view text);

// "2026-11-22": the UTC day, and its first instant.
std::string day_text(WallTime time);
std::optional<WallTime> parse_day(std::string_view text);

// How long until a limit is full again, as OpenAI's headers say it: "0s", "12ms", "1.5s", "6m0s", "1h0m0s". Rounded up
// to whole milliseconds; nothing is negative.
std::string reset_text(Duration duration);

}  // namespace gateway
