#include "policy/limits/period.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::months;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

// No zone was ever further from UTC.
constexpr days kLargestOffset{2};

// Where dates are computed, so that a clock gone mad overflows nothing.
constexpr sys_seconds kFirst = std::chrono::sys_days{std::chrono::year{-9999} / 1 / 1};
constexpr sys_seconds kLast = std::chrono::sys_days{std::chrono::year{9999} / 1 / 1};

Zone::const_iterator offset_at(const Zone& zone, sys_seconds at) noexcept {
  const auto after =
      std::upper_bound(zone.begin(), zone.end(), at, [](sys_seconds t, const ZoneOffset& o) { return t < o.from; });
  return after == zone.begin() ? after : after - 1;
}

local_seconds local_time(const Zone& zone, sys_seconds at) noexcept {
  const auto offset = zone.empty() ? std::chrono::seconds{0} : offset_at(zone, at)->offset;
  return local_seconds{at.time_since_epoch() + offset};
}

// The first instant whose local time is `local` or later: the midnight itself, the end of a gap that swallowed it, the
// earlier of two.
sys_seconds first_instant(const Zone& zone, local_days date) noexcept {
  const sys_seconds as_utc{local_seconds{date}.time_since_epoch()};
  if (zone.empty()) return as_utc;
  for (auto o = offset_at(zone, as_utc - kLargestOffset);; ++o) {
    const sys_seconds midnight = as_utc - o->offset;
    const auto next = o + 1;
    if (next == zone.end() || midnight < next->from) return o == zone.begin() ? midnight : std::max(midnight, o->from);
  }
}

// The first date of the period that holds this one.
local_days begin_of(Period period, local_days date) noexcept {
  if (period == Period::week) return date - (std::chrono::weekday{date} - std::chrono::Monday);
  if (period == Period::month) {
    const year_month_day ymd{date};
    return local_days{ymd.year() / ymd.month() / 1};
  }
  return date;
}

local_days begin_of_next(Period period, local_days begin) noexcept {
  if (period == Period::week) return begin + days{7};
  if (period == Period::month) return local_days{year_month_day{begin} + months{1}};
  return begin + days{1};
}

}  // namespace

PeriodBounds period_of(Period period, WallTime at, const Zone& zone) {
  if (period == Period::total) return {WallTime{}, WallTime::max()};
  const sys_seconds when = std::clamp(std::chrono::floor<std::chrono::seconds>(at), kFirst, kLast);
  local_days begin = begin_of(period, std::chrono::floor<days>(local_time(zone, when)));
  local_days next = begin_of_next(period, begin);
  sys_seconds end = first_instant(zone, next);
  // Where the clocks went back over midnight the new date has begun already, although the old one shows again.
  while (when >= end) {
    begin = next;
    next = begin_of_next(period, begin);
    end = first_instant(zone, next);
  }
  return {first_instant(zone, begin), end};
}

}  // namespace gateway
