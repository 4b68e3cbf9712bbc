#include "policy/routing/http_date.h"

#include <string>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono;

namespace {

const WallTime kNow = sys_days{year{2026} / 11 / 22};
const WallTime kExample = sys_days{year{1994} / 11 / 6} + 8h + 49min + 37s;

}  // namespace

TEST_CASE("all three forms of an HTTP date are read", "[policy][http_date]") {
  REQUIRE(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow) == kExample);
  REQUIRE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow) == kExample);
  REQUIRE(parse_http_date("Sun Nov  6 08:49:37 1994", kNow) == kExample);
  REQUIRE(parse_http_date("Wed Nov 16 08:49:37 1994", kNow) == kExample + days{10});
}

TEST_CASE("every month and a leap day are read", "[policy][http_date]") {
  const char* const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (unsigned i = 0; i < 12; ++i) {
    const std::string text = std::string("Mon, 01 ") + names[i] + " 2026 00:00:00 GMT";
    REQUIRE(parse_http_date(text, kNow) == WallTime{sys_days{year{2026} / month{i + 1} / 1}});
  }
  REQUIRE(parse_http_date("Thu, 29 Feb 2024 23:59:59 GMT", kNow));
  REQUIRE_FALSE(parse_http_date("Sun, 29 Feb 2026 00:00:00 GMT", kNow));
}

TEST_CASE("two digits of a year are at most fifty years ahead", "[policy][http_date]") {
  REQUIRE(parse_http_date("Sunday, 06-Nov-76 08:49:37 GMT", kNow) ==
          WallTime{sys_days{year{2076} / 11 / 6} + 8h + 49min + 37s});
  REQUIRE(parse_http_date("Sunday, 06-Nov-77 08:49:37 GMT", kNow) ==
          WallTime{sys_days{year{1977} / 11 / 6} + 8h + 49min + 37s});
}

TEST_CASE("a leap second is the next minute's first", "[policy][http_date]") {
  REQUIRE(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", kNow) == WallTime{sys_days{year{2017} / 1 / 1}});
}

TEST_CASE("anything else is no date", "[policy][http_date]") {
  for (const char* text : {"",
                           "GMT",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "sun, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 32 Nov 1994 08:49:37 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:60:00 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 06 Nov 94 08:49:37 GMT",
                           "Sun, 06 ovD 1994 08:49:37 GMT",
                           "Sunday, 06 Nov 1994 08:49:37 GMT",
                           "Sun Nov 6 08:49:37 1994",
                           "Sun Nov  6 08:49:37 1994 GMT",
                           "1994-11-06T08:49:37Z",
                           "Sun, +6 Nov 1994 08:49:37 GMT"}) {
    INFO(text);
    REQUIRE_FALSE(parse_http_date(text, kNow));
  }
}
