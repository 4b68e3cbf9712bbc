#include "billing/bill_days.h"

#include <chrono>

#include "base/time_text.h"

namespace gateway {

std::string day_of(WallTime at, const Zone& zone) {
  if (zone.empty()) return day_text(at);
  return calendar_text(CalendarUnit::day, calendar_bounds(CalendarUnit::day, at, zone).start, zone);
}

std::optional<CalendarBounds> parse_day_of(std::string_view text, const Zone& zone) {
  const auto day = parse_day(text);
  if (!day) return std::nullopt;
  const std::chrono::local_days date(std::chrono::floor<std::chrono::days>(day->time_since_epoch()));
  return CalendarBounds{first_instant(date, zone), first_instant(date + std::chrono::days(1), zone)};
}

}  // namespace gateway
