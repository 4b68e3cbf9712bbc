#include "policy/limits/period.h"

#include <algorithm>
#include <random>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono;

namespace {

WallTime utc(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0) {
  return sys_days{year{y} / month{m} / day{d}} + hours{h} + minutes{min} + seconds{s};
}
sys_seconds at(int y, unsigned m, unsigned d, int h = 0, int min = 0) { return floor<seconds>(utc(y, m, d, h, min)); }

const Zone kUtc;
const Zone kKolkata{{at(1945, 10, 14, 17, 30), hours{5} + minutes{30}}};
const Zone kKathmandu{{at(1986, 1, 1), hours{5} + minutes{45}}};
// CET, with summer time in 2026.
const Zone kBerlin{{at(2025, 10, 26, 1), hours{1}}, {at(2026, 3, 29, 1), hours{2}}, {at(2026, 10, 25, 1), hours{1}}};
// Sao Paulo: the clocks went forward from 00:00 to 01:00 and back from 00:00 to 23:00.
const Zone kSaoPaulo{{at(2018, 2, 18, 2), hours{-3}}, {at(2018, 11, 4, 3), hours{-2}}, {at(2019, 2, 17, 2), hours{-3}}};
// St John's until 2011: back at 00:01 to 23:01 of the day before.
const Zone kStJohns{{at(2010, 3, 14, 3, 31), -hours{2} - minutes{30}},
                    {at(2010, 11, 7, 2, 31), -hours{3} - minutes{30}}};
// Apia: 30 December 2011 did not happen.
const Zone kApia{{at(2011, 9, 24, 14), -hours{10}}, {at(2011, 12, 30, 10), hours{14}}};

PeriodBounds bounds(WallTime start, WallTime end) { return {start, end}; }

}  // namespace

namespace Catch {
template <>
struct StringMaker<PeriodBounds> {
  static std::string convert(const PeriodBounds& b) {
    return std::to_string(b.start.time_since_epoch().count()) + ".." + std::to_string(b.end.time_since_epoch().count());
  }
};
}  // namespace Catch

TEST_CASE("in UTC days, weeks and months begin at midnight, on Monday, on the first", "[policy][period]") {
  const WallTime t = utc(2026, 11, 22, 13, 45, 1);  // a Sunday
  REQUIRE(period_of(Period::day, t, kUtc) == bounds(utc(2026, 11, 22), utc(2026, 11, 23)));
  REQUIRE(period_of(Period::week, t, kUtc) == bounds(utc(2026, 11, 16), utc(2026, 11, 23)));
  REQUIRE(period_of(Period::month, t, kUtc) == bounds(utc(2026, 11, 1), utc(2026, 12, 1)));
  REQUIRE(period_of(Period::total, t, kUtc) == bounds(WallTime{}, WallTime::max()));
  REQUIRE(period_of(Period::week, utc(2026, 11, 23), kUtc).start == utc(2026, 11, 23));
}

TEST_CASE("a period's last microsecond is in it and its end is in the next", "[policy][period]") {
  const WallTime end = utc(2026, 12, 1);
  REQUIRE(period_of(Period::month, end - microseconds{1}, kUtc).end == end);
  REQUIRE(period_of(Period::month, end, kUtc).start == end);
}

TEST_CASE("months have their lengths, also in leap years and over the year's end", "[policy][period]") {
  REQUIRE(period_of(Period::month, utc(2024, 2, 29, 12), kUtc) == bounds(utc(2024, 2, 1), utc(2024, 3, 1)));
  REQUIRE(period_of(Period::month, utc(2100, 2, 28, 23), kUtc) == bounds(utc(2100, 2, 1), utc(2100, 3, 1)));
  REQUIRE(period_of(Period::month, utc(2026, 12, 31, 23), kUtc) == bounds(utc(2026, 12, 1), utc(2027, 1, 1)));
  REQUIRE(period_of(Period::week, utc(2026, 1, 1), kUtc) == bounds(utc(2025, 12, 29), utc(2026, 1, 5)));
}

TEST_CASE("zones of half and quarter hours", "[policy][period]") {
  REQUIRE(period_of(Period::day, utc(2026, 5, 1, 18, 29), kKolkata) ==
          bounds(utc(2026, 4, 30, 18, 30), utc(2026, 5, 1, 18, 30)));
  REQUIRE(period_of(Period::month, utc(2026, 4, 30, 18, 30), kKolkata).start == utc(2026, 4, 30, 18, 30));
  REQUIRE(period_of(Period::day, utc(2026, 5, 1), kKathmandu).start == utc(2026, 4, 30, 18, 15));
}

TEST_CASE("days of a change of the clocks have 23 and 25 hours", "[policy][period]") {
  REQUIRE(period_of(Period::day, utc(2026, 3, 29, 12), kBerlin) == bounds(utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)));
  REQUIRE(period_of(Period::day, utc(2026, 10, 25, 12), kBerlin) ==
          bounds(utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)));
  REQUIRE(period_of(Period::month, utc(2026, 10, 10), kBerlin) == bounds(utc(2026, 9, 30, 22), utc(2026, 10, 31, 23)));
}

TEST_CASE("a midnight that is skipped: the day begins where the gap ends", "[policy][period]") {
  REQUIRE(period_of(Period::day, utc(2018, 11, 4, 3), kSaoPaulo) == bounds(utc(2018, 11, 4, 3), utc(2018, 11, 5, 2)));
  REQUIRE(period_of(Period::day, utc(2018, 11, 4, 2, 59), kSaoPaulo).end == utc(2018, 11, 4, 3));
}

TEST_CASE("a midnight that is repeated: the day begins with the first one", "[policy][period]") {
  // 17 February was about to begin at 02:00Z when the clocks went back to 23:00: it begins an hour later.
  REQUIRE(period_of(Period::day, utc(2019, 2, 17, 2, 30), kSaoPaulo) ==
          bounds(utc(2019, 2, 16, 2), utc(2019, 2, 17, 3)));
  // In St John's 7 November had its first minute before the clocks went back: it stays the 7th.
  REQUIRE(period_of(Period::day, utc(2010, 11, 7, 2, 30), kStJohns).start == utc(2010, 11, 7, 2, 30));
  REQUIRE(period_of(Period::day, utc(2010, 11, 7, 3), kStJohns) ==
          bounds(utc(2010, 11, 7, 2, 30), utc(2010, 11, 8, 3, 30)));
}

TEST_CASE("a day that never was leaves no hole", "[policy][period]") {
  REQUIRE(period_of(Period::day, utc(2011, 12, 30, 9, 59), kApia) ==
          bounds(utc(2011, 12, 29, 10), utc(2011, 12, 30, 10)));
  REQUIRE(period_of(Period::day, utc(2011, 12, 30, 10), kApia) == bounds(utc(2011, 12, 30, 10), utc(2011, 12, 31, 10)));
}

TEST_CASE("before the first change of a zone its first offset counts", "[policy][period]") {
  REQUIRE(period_of(Period::day, utc(2020, 1, 1, 23, 30), kBerlin).start == utc(2020, 1, 1, 23));
}

TEST_CASE("a clock that goes back a day finds the period it was in before", "[policy][period]") {
  const auto today = period_of(Period::day, utc(2026, 11, 1, 8), kBerlin);
  const auto yesterday = period_of(Period::day, utc(2026, 10, 31, 8), kBerlin);
  REQUIRE(yesterday.end == today.start);
  REQUIRE(period_of(Period::month, utc(2026, 11, 1, 8), kBerlin).start ==
          period_of(Period::month, utc(2026, 10, 31, 8), kBerlin).end);
}

TEST_CASE("bounds hold their instant, and consecutive periods tile", "[policy][period]") {
  std::mt19937_64 random(7);
  for (const Zone* zone : {&kUtc, &kKolkata, &kKathmandu, &kBerlin, &kSaoPaulo, &kStJohns, &kApia}) {
    for (const Period period : {Period::day, Period::week, Period::month}) {
      for (int i = 0; i < 1500; ++i) {
        // Half of them near a change of the clocks.
        WallTime t = utc(2008, 1, 1) + microseconds{static_cast<std::int64_t>(random() % 600'000'000'000'000)};
        if (!zone->empty() && i % 2 == 0) {
          t = (*zone)[random() % zone->size()].from + seconds{static_cast<std::int64_t>(random() % 400'000) - 200'000};
        }
        const PeriodBounds b = period_of(period, t, *zone);
        REQUIRE(b.start <= t);
        REQUIRE(t < b.end);
        REQUIRE(period_of(period, b.start, *zone) == b);
        REQUIRE(period_of(period, b.end - microseconds{1}, *zone) == b);
        REQUIRE(period_of(period, b.end, *zone).start == b.end);
        REQUIRE(period_of(period, b.start - microseconds{1}, *zone).end == b.start);
      }
    }
  }
}

TEST_CASE("a clock gone mad does no harm", "[policy][period]") {
  for (const WallTime t : {WallTime::min(), WallTime::max(), WallTime{} - hours{1}}) {
    for (const Period period : {Period::day, Period::week, Period::month}) {
      const PeriodBounds b = period_of(period, t, kBerlin);
      REQUIRE(b.start < b.end);
    }
  }
}

TEST_CASE("periods have names", "[policy][period]") {
  for (const Period p : {Period::day, Period::week, Period::month, Period::total}) {
    Period read = p == Period::day ? Period::total : Period::day;
    REQUIRE(parse(to_string(p), read));
    REQUIRE(read == p);
  }
  Period untouched = Period::week;
  REQUIRE_FALSE(parse("year", untouched));
  REQUIRE_FALSE(parse("", untouched));
  REQUIRE(untouched == Period::week);
  REQUIRE(to_string(Period::total) == "total");
}
