// Quarters of an hour, hours, days, weeks and months of a time zone: where they begin and end, and their names.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "gateway/time.h"

namespace gateway {

enum class UsageKey : std::uint8_t;  // gateway/ledger.h
enum class CalendarUnit : std::uint8_t { quarter, hour, day, week, month };

// The unit of time that a key is. Absent: it is no time.
std::optional<CalendarUnit> calendar_unit(UsageKey key) noexcept;

struct CalendarBounds {
  WallTime start;
  WallTime end;  // the first instant after
  friend bool operator==(const CalendarBounds&, const CalendarBounds&) = default;
};

// The unit that holds `at`. Days begin at local midnight (the first instant of the local date, if a change of the
// clocks skips or repeats midnight), weeks on Monday, months on the first; so a day has 23 or 25 hours when the clocks
// change. An hour and a quarter of it end early if the offset changes in them. The bounds hold `at`, and when one unit
// ends the next begins. Reads no system zone data; constant time but for a binary search.
CalendarBounds calendar_bounds(CalendarUnit unit, WallTime at, const Zone& zone);

// The first instant of that date in the zone.
WallTime first_instant(std::chrono::local_days date, const Zone& zone);

// The name of the unit that begins at `start`: "2026-11-22T14:15:00+01:00", "2026-11-22" (of a week its Monday),
// "2026-11".
std::string calendar_text(CalendarUnit unit, WallTime start, const Zone& zone);

// How far ahead of UTC the zone is at that moment, and its text: "+01:00".
std::chrono::seconds zone_offset(const Zone& zone, WallTime at) noexcept;
std::string offset_text(std::chrono::seconds offset);

// RFC 3339 in the zone, "2026-11-22T14:00:00+01:00", with decimals as rfc3339() has them; in UTC it ends with "Z".
std::string rfc3339_in(WallTime time, const Zone& zone);

}  // namespace gateway
