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

// The period that holds `at`, as the calendar's unit of that name (base/calendar.h). The bounds hold `at`, and when one
// period ends the next begins, also when the clocks change.
PeriodBounds period_of(Period period, WallTime at, const Zone& zone);

}  // namespace gateway
