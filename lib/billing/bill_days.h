// The days of a bill, which are those of a time zone: UTC if it is empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/calendar.h"

namespace gateway {

// "2026-11-22": the day that holds `at`.
std::string day_of(WallTime at, const Zone& zone);
// The day that the text names; absent: it names none.
std::optional<CalendarBounds> parse_day_of(std::string_view text, const Zone& zone);

}  // namespace gateway
