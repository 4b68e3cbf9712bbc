#include "base/calendar.h"

#include <set>

#include "base/time_text.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono;

namespace {

WallTime utc(std::string_view text) { return parse_rfc3339(text).value(); }
sys_seconds at(std::string_view text) { return floor<seconds>(utc(text)); }

const Zone kUtc;
const Zone kKathmandu{{at("1986-01-01T00:00:00Z"), hours{5} + minutes{45}}};
const Zone kBerlin{{at("2025-10-26T01:00:00Z"), hours{1}},
                   {at("2026-03-29T01:00:00Z"), hours{2}},
                   {at("2026-10-25T01:00:00Z"), hours{1}}};
// Half an hour of summer time.
const Zone kLordHowe{{at("2026-01-01T00:00:00Z"), hours{11}}, {at("2026-04-04T15:00:00Z"), hours{10} + minutes{30}}};
const Zone kNewYork{{at("2025-11-02T06:00:00Z"), -hours{5}}, {at("2026-03-08T07:00:00Z"), -hours{4}}};

std::string name_of(CalendarUnit unit, std::string_view moment, const Zone& zone) {
  return calendar_text(unit, calendar_bounds(unit, utc(moment), zone).start, zone);
}

}  // namespace

TEST_CASE("units have the names of their zone", "[base][calendar]") {
  const char* const moment = "2026-11-22T23:50:01Z";  // a Sunday; in Berlin it is Monday
  CHECK(name_of(CalendarUnit::quarter, moment, kUtc) == "2026-11-22T23:45:00Z");
  CHECK(name_of(CalendarUnit::hour, moment, kUtc) == "2026-11-22T23:00:00Z");
  CHECK(name_of(CalendarUnit::day, moment, kUtc) == "2026-11-22");
  CHECK(name_of(CalendarUnit::week, moment, kUtc) == "2026-11-16");
  CHECK(name_of(CalendarUnit::month, moment, kUtc) == "2026-11");
  CHECK(name_of(CalendarUnit::quarter, moment, kBerlin) == "2026-11-23T00:45:00+01:00");
  CHECK(name_of(CalendarUnit::hour, moment, kBerlin) == "2026-11-23T00:00:00+01:00");
  CHECK(name_of(CalendarUnit::day, moment, kBerlin) == "2026-11-23");
  CHECK(name_of(CalendarUnit::week, moment, kBerlin) == "2026-11-23");
  CHECK(name_of(CalendarUnit::month, "2026-11-30T23:30:00Z", kBerlin) == "2026-12");
  CHECK(name_of(CalendarUnit::hour, moment, kKathmandu) == "2026-11-23T05:00:00+05:45");
  CHECK(name_of(CalendarUnit::day, "2026-01-01T04:59:59Z", kNewYork) == "2025-12-31");
  CHECK(name_of(CalendarUnit::month, "2026-01-01T04:59:59Z", kNewYork) == "2025-12");
}

TEST_CASE("a day has 23 or 25 hours when the clocks change", "[base][calendar]") {
  const auto length = [](std::string_view moment) {
    const CalendarBounds day = calendar_bounds(CalendarUnit::day, utc(moment), kBerlin);
    return duration_cast<hours>(day.end - day.start).count();
  };
  CHECK(length("2026-03-29T12:00:00Z") == 23);
  CHECK(length("2026-10-25T12:00:00Z") == 25);
  CHECK(length("2026-10-26T12:00:00Z") == 24);
  std::set<std::string> names;
  for (int hour = 0; hour < 25; ++hour)
    names.insert(calendar_text(CalendarUnit::hour, utc("2026-10-24T22:00:00Z") + hours{hour}, kBerlin));
  CHECK(names.size() == 25);
  CHECK(names.contains("2026-10-25T02:00:00+02:00"));
  CHECK(names.contains("2026-10-25T02:00:00+01:00"));
}

TEST_CASE("units of every kind meet, whatever the zone", "[base][calendar]") {
  for (const Zone& zone : {kUtc, kKathmandu, kBerlin, kLordHowe, kNewYork}) {
    for (const CalendarUnit unit :
         {CalendarUnit::quarter, CalendarUnit::hour, CalendarUnit::day, CalendarUnit::week, CalendarUnit::month}) {
      CalendarBounds before = calendar_bounds(unit, utc("2026-03-01T00:00:00Z"), zone);
      for (WallTime now = before.start; now < utc("2026-11-15T00:00:00Z"); now += minutes{15}) {
        const CalendarBounds bounds = calendar_bounds(unit, now, zone);
        if (bounds == before) continue;
        REQUIRE(bounds.start == before.end);
        REQUIRE(bounds.start == now);
        REQUIRE(bounds.end > now);
        before = bounds;
      }
    }
  }
}

TEST_CASE("an hour in which the offset changes is in two parts", "[base][calendar]") {
  const CalendarBounds before = calendar_bounds(CalendarUnit::hour, utc("2026-04-04T14:59:00Z"), kLordHowe);
  const CalendarBounds after = calendar_bounds(CalendarUnit::hour, utc("2026-04-04T15:00:00Z"), kLordHowe);
  CHECK(calendar_text(CalendarUnit::hour, before.start, kLordHowe) == "2026-04-05T01:00:00+11:00");
  CHECK(before.end == after.start);
  CHECK(calendar_text(CalendarUnit::hour, after.start, kLordHowe) == "2026-04-05T01:30:00+10:30");
  CHECK(after.end - after.start == minutes{30});
}

TEST_CASE("times are written with their offset", "[base][calendar]") {
  CHECK(rfc3339_in(utc("2026-11-22T13:00:00.25Z"), kBerlin) == "2026-11-22T14:00:00.250+01:00");
  CHECK(rfc3339_in(utc("2026-07-01T13:00:00Z"), kBerlin) == "2026-07-01T15:00:00+02:00");
  CHECK(rfc3339_in(utc("2026-07-01T13:00:00Z"), kNewYork) == "2026-07-01T09:00:00-04:00");
  CHECK(rfc3339_in(utc("2026-07-01T13:00:00Z"), kUtc) == "2026-07-01T13:00:00Z");
  CHECK(first_instant(local_days{year{2026} / 11 / 22}, kBerlin) == utc("2026-11-21T23:00:00Z"));
}
