#include "policy/limits/period.h"

#include "base/calendar.h"

namespace gateway {
namespace {

CalendarUnit unit_of(Period period) noexcept {
  switch (period) {
    case Period::week:
      return CalendarUnit::week;
    case Period::month:
      return CalendarUnit::month;
    case Period::day:
    case Period::total:
      break;
  }
  return CalendarUnit::day;
}

}  // namespace

PeriodBounds period_of(Period period, WallTime at, const Zone& zone) {
  if (period == Period::total) return {WallTime{}, WallTime::max()};
  const CalendarBounds bounds = calendar_bounds(unit_of(period), at, zone);
  return {bounds.start, bounds.end};
}

}  // namespace gateway
