// The yearly rule for daylight saving time at the end of a zone file: POSIX.1-2017, 8.3, "TZ", as RFC 8536 extends it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "gateway/time.h"

namespace gateway {

class ZoneRule {
 public:
  // "CET-1CEST,M3.5.0,M10.5.0/3". Nothing for a text without daylight saving time, or that is no rule.
  static std::optional<ZoneRule> parse(std::string_view text);

  // The changes of offset of that year, in UTC and in their order.
  std::pair<ZoneOffset, ZoneOffset> changes(std::chrono::year year) const;

 private:
  struct Day {
    enum class Form { month_week, julian, zero_based } form = Form::month_week;
    int month = 0, week = 0, weekday = 0;  // weekday 0 is Sunday; week 5 the last one
    int day = 0;                           // julian: 1 to 365, February 29 never counts; zero_based: 0 to 365
    std::chrono::seconds time{7200};       // local
    std::chrono::sys_days in(std::chrono::year year) const;
  };
  struct Cursor;

  std::chrono::seconds standard_{0}, summer_{0};
  Day summer_begins_, summer_ends_;
};

}  // namespace gateway
