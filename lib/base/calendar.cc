#include "base/calendar.h"

#include <algorithm>
#include <cstdlib>

#include "base/time_text.h"
#include "gateway/ledger.h"

namespace gateway {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::months;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

// No zone was ever further from UTC.
constexpr days kLargestOffset{2};

// Where dates are computed, so that a clock gone mad overflows nothing.
constexpr sys_seconds kFirstDay = std::chrono::sys_days{std::chrono::year{-9999} / 1 / 1};
constexpr sys_seconds kLastDay = std::chrono::sys_days{std::chrono::year{9999} / 1 / 1};

Zone::const_iterator offset_at(const Zone& zone, sys_seconds at) noexcept {
  const auto after =
      std::upper_bound(zone.begin(), zone.end(), at, [](sys_seconds t, const ZoneOffset& o) { return t < o.from; });
  return after == zone.begin() ? after : after - 1;
}

seconds offset_of(const Zone& zone, sys_seconds at) noexcept {
  return zone.empty() ? seconds{0} : offset_at(zone, at)->offset;
}

local_seconds local_time(const Zone& zone, sys_seconds at) noexcept {
  return local_seconds{at.time_since_epoch() + offset_of(zone, at)};
}

// The first instant whose local time is `local` or later: the midnight itself, the end of a gap that swallowed it, the
// earlier of two.
sys_seconds first_second(const Zone& zone, local_days date) noexcept {
  const sys_seconds as_utc{local_seconds{date}.time_since_epoch()};
  if (zone.empty()) return as_utc;
  for (auto o = offset_at(zone, as_utc - kLargestOffset);; ++o) {
    const sys_seconds midnight = as_utc - o->offset;
    const auto next = o + 1;
    if (next == zone.end() || midnight < next->from) return o == zone.begin() ? midnight : std::max(midnight, o->from);
  }
}

// The first date of the unit that holds this one.
local_days begin_of(CalendarUnit unit, local_days date) noexcept {
  if (unit == CalendarUnit::week) return date - (std::chrono::weekday{date} - std::chrono::Monday);
  if (unit == CalendarUnit::month) {
    const year_month_day ymd{date};
    return local_days{ymd.year() / ymd.month() / 1};
  }
  return date;
}

local_days begin_of_next(CalendarUnit unit, local_days begin) noexcept {
  if (unit == CalendarUnit::week) return begin + days{7};
  if (unit == CalendarUnit::month) return local_days{year_month_day{begin} + months{1}};
  return begin + days{1};
}

CalendarBounds part_of_day(seconds length, sys_seconds at, const Zone& zone) noexcept {
  const local_seconds local = local_time(zone, at);
  const seconds past = (local.time_since_epoch() % length + length) % length;
  CalendarBounds bounds{at - past, at - past + length};
  if (zone.empty()) return bounds;
  const auto offset = offset_at(zone, at);
  if (offset != zone.begin() && bounds.start < offset->from) bounds.start = offset->from;
  if (const auto next = offset + 1; next != zone.end() && next->from > at && next->from < bounds.end)
    bounds.end = next->from;
  return bounds;
}

}  // namespace

std::optional<CalendarUnit> calendar_unit(UsageKey key) noexcept {
  switch (key) {
    case UsageKey::quarter:
      return CalendarUnit::quarter;
    case UsageKey::hour:
      return CalendarUnit::hour;
    case UsageKey::day:
      return CalendarUnit::day;
    case UsageKey::week:
      return CalendarUnit::week;
    case UsageKey::month:
      return CalendarUnit::month;
    default:
      return std::nullopt;
  }
}

CalendarBounds calendar_bounds(CalendarUnit unit, WallTime at, const Zone& zone) {
  const sys_seconds when = std::clamp(std::chrono::floor<seconds>(at), kFirstDay, kLastDay);
  if (unit == CalendarUnit::quarter) return part_of_day(std::chrono::minutes{15}, when, zone);
  if (unit == CalendarUnit::hour) return part_of_day(std::chrono::hours{1}, when, zone);
  local_days begin = begin_of(unit, std::chrono::floor<days>(local_time(zone, when)));
  local_days next = begin_of_next(unit, begin);
  sys_seconds end = first_second(zone, next);
  // If the clocks went back over midnight the new date has begun already, although the old one shows again.
  while (when >= end) {
    begin = next;
    next = begin_of_next(unit, begin);
    end = first_second(zone, next);
  }
  return {first_second(zone, begin), end};
}

WallTime first_instant(local_days date, const Zone& zone) { return first_second(zone, date); }

std::string calendar_text(CalendarUnit unit, WallTime start, const Zone& zone) {
  if (unit == CalendarUnit::quarter || unit == CalendarUnit::hour) return rfc3339_in(start, zone);
  std::string text = day_text(start + zone_offset(zone, start));
  if (unit == CalendarUnit::month) text.resize(text.rfind('-'));
  return text;
}

seconds zone_offset(const Zone& zone, WallTime at) noexcept { return offset_of(zone, std::chrono::floor<seconds>(at)); }

std::string offset_text(seconds offset) {
  const std::int64_t minutes = std::abs(offset.count()) / 60;
  std::string text{offset.count() < 0 ? '-' : '+'};
  for (const std::int64_t part : {minutes / 60, minutes % 60}) {
    if (text.size() > 1) text += ':';
    text += static_cast<char>('0' + part / 10 % 10);
    text += static_cast<char>('0' + part % 10);
  }
  return text;
}

std::string rfc3339_in(WallTime time, const Zone& zone) {
  if (zone.empty()) return rfc3339(time);
  const seconds offset = zone_offset(zone, time);
  std::string text = rfc3339(time + offset);
  text.pop_back();
  return text + offset_text(offset);
}

}  // namespace gateway
