#include "base/time_text.h"

#include <random>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

WallTime at(std::int64_t microseconds) { return WallTime{std::chrono::microseconds{microseconds}}; }

}  // namespace

TEST_CASE("times print as RFC 3339 in UTC", "[base][time_text]") {
  CHECK(rfc3339(at(0)) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339(at(1'795'352'400'000'000)) == "2026-11-22T13:00:00Z");
  CHECK(rfc3339(at(1'795'352'400'120'000)) == "2026-11-22T13:00:00.120Z");
  CHECK(rfc3339(at(1'795'352'400'000'007)) == "2026-11-22T13:00:00.000007Z");
  CHECK(rfc3339(at(-1)) == "1969-12-31T23:59:59.999999Z");
  CHECK(rfc3339(WallTime::max()) == "9999-12-31T23:59:59.999999Z");
  CHECK(rfc3339(WallTime::min()) == "0000-01-01T00:00:00Z");
}

TEST_CASE("a time reads back from its text", "[base][time_text]") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 50'000; ++i) {
    std::int64_t micros = static_cast<std::int64_t>(random() % 250'000'000'000'000'000U);
    if (i % 3 == 1) micros -= micros % 1000;
    if (i % 3 == 2) micros -= micros % 1'000'000;
    const WallTime time = at(micros);
    const std::string text = rfc3339(time);
    INFO(text);
    REQUIRE(parse_rfc3339(text) == time);
    REQUIRE(parse_day(day_text(time)) == std::chrono::floor<std::chrono::days>(time));
  }
}

TEST_CASE("RFC 3339 is read with any offset, decimals and case", "[base][time_text]") {
  const auto noon = parse_rfc3339("2026-11-22T12:00:00Z");
  REQUIRE(noon);
  CHECK(parse_rfc3339("2026-11-22t12:00:00z") == noon);
  CHECK(parse_rfc3339("2026-11-22 13:30:00+01:30") == noon);
  CHECK(parse_rfc3339("2026-11-21T22:00:00-14:00") == noon);
  CHECK(parse_rfc3339("2026-11-22T12:00:00.5Z") == *noon + 500ms);
  CHECK(parse_rfc3339("2026-11-22T12:00:00.1234567890123Z") == *noon + 123456us);
  CHECK(parse_rfc3339("2026-11-22T11:59:60Z") == noon);
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z"));
}

TEST_CASE("what is no time is not read as one", "[base][time_text]") {
  for (const char* text :
       {"", "2026", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22T12:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-22T24:00:00Z",
        "2026-11-22T12:60:00Z", "2026-11-22T12:00:61Z", "2026-11-22T12:00:00.Z", "2026-11-22T12:00:00+1:00",
        "2026-11-22T12:00:00+24:00", "2026-11-22T12:00:00Z ", " 2026-11-22T12:00:00Z", "+2026-11-22T12:00:00Z",
        "2026/11/22T12:00:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
  for (const char* text : {"", "2026-11", "2026-11-31", "2026-1-1", "2026-11-22T", "20261122", "-026-11-22"}) {
    INFO(text);
    CHECK_FALSE(parse_day(text).has_value());
  }
}

TEST_CASE("reset times print as OpenAI prints them", "[base][time_text]") {
  CHECK(reset_text(0s) == "0s");
  CHECK(reset_text(-5s) == "0s");
  CHECK(reset_text(1ns) == "1ms");
  CHECK(reset_text(12ms) == "12ms");
  CHECK(reset_text(999'000'001ns) == "1s");
  CHECK(reset_text(1s) == "1s");
  CHECK(reset_text(1500ms) == "1.5s");
  CHECK(reset_text(7660ms) == "7.66s");
  CHECK(reset_text(59s + 999ms) == "59.999s");
  CHECK(reset_text(6min) == "6m0s");
  CHECK(reset_text(2min + 59'560ms) == "2m59.56s");
  CHECK(reset_text(1h) == "1h0m0s");
  CHECK(reset_text(25h + 1ms) == "25h0m0.001s");
}
