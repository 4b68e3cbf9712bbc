// Calendar periods of a spend cap, in a project's time zone.
#pragma once

#include <string_view>

#include "gateway/config.h"
#include "gateway/time.h"

namespace gateway {

struct PeriodBounds {
  WallTime start;  // 1970 for total
  WallTime end;    // the first instant after; WallTime::max() for total
  friend bool operator==(const PeriodBounds&, const PeriodBounds&) = default;
};

// The period that holds `at`. Days begin at local midnight (the first instant of the local date, where a change of the
// clocks skips or repeats midnight), weeks on Monday, months on the first. The bounds hold `at`, and where one period
// ends the next begins, also where the clocks change. Reads no system zone data; constant time but for a binary search.
PeriodBounds period_of(Period period, WallTime at, const Zone& zone);

}  // namespace gateway
