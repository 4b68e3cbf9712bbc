#include "policy/pricing/forecast.h"

#include <vector>

#include "base/time_text.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono;

namespace {

WallTime utc(std::string_view text) { return parse_rfc3339(text).value(); }
MoneySum cents(std::int64_t count) { return Money::units(count * 10'000'000'000); }

const Zone kUtc;
const WallTime kNow = utc("2026-11-22T13:00:00Z");  // a Sunday
const WallTime kNextDay = utc("2026-11-23T00:00:00Z");

// What each quarter cost, from so long ago until now.
template <class CostOf>
std::vector<QuarterCost> history(hours since, CostOf cost_of) {
  std::vector<QuarterCost> quarters;
  for (WallTime at = kNow - since; at < kNow; at += minutes{15}) quarters.push_back({at, cost_of(at)});
  return quarters;
}
std::vector<QuarterCost> steady(hours since, std::int64_t cents_a_quarter) {
  return history(since, [=](WallTime) { return cents(cents_a_quarter); });
}

}  // namespace

TEST_CASE("a steady rate goes on until the reset", "[policy][forecast]") {
  const auto past = steady(28 * 24h, 2);
  const Forecast found = forecast({past, kNow, kNextDay, kUtc, cents(1000), cents(104), cents(0)});
  CHECK(found.basis == ForecastBasis::weeks);
  CHECK(found.samples == 4);
  CHECK(basis_text(found) == "4 weeks");
  CHECK(found.spent_at_reset == cents(104 + 44 * 2));
  CHECK(found.low == found.spent_at_reset);
  CHECK(found.high == found.spent_at_reset);
  CHECK_FALSE(found.exhausted_at);
}

TEST_CASE("exhaustion is the first quarter whose mean passes what is left", "[policy][forecast]") {
  const auto past = steady(28 * 24h, 2);
  const auto at = [&](std::int64_t cap, std::int64_t held) {
    return forecast({past, kNow, kNextDay, kUtc, cents(cap), cents(100), cents(held)}).exhausted_at;
  };
  CHECK(at(110, 0) == kNow + minutes{75});  // five quarters are paid for
  CHECK(at(110, 4) == kNow + minutes{45});
  CHECK(at(109, 0) == kNow + minutes{60});
  CHECK(at(100 + 88, 0) == std::nullopt);
  CHECK(at(100 + 87, 0) == kNextDay - minutes{15});
  CHECK(at(100, 0) == kNow);
  CHECK(at(90, 0) == kNow);
  CHECK(forecast({{}, kNow, kNextDay, kUtc, cents(90), cents(90), {}}).exhausted_at == kNow);
}

TEST_CASE("of the quarter that has begun only the rest counts", "[policy][forecast]") {
  const auto past = steady(28 * 24h, 15);
  const Forecast found = forecast({past, kNow + minutes{5}, kNow + minutes{15}, kUtc, cents(1000), {}, {}});
  CHECK(found.spent_at_reset == cents(10));
  const Forecast soon = forecast({past, kNow + minutes{5}, kNextDay, kUtc, cents(9), {}, {}});
  CHECK(soon.exhausted_at == kNow + minutes{5});
}

TEST_CASE("the basis follows the age of the data", "[policy][forecast]") {
  const auto basis = [](hours age) {
    const auto past = steady(age, 1);
    return basis_text(forecast({past, kNow, kNextDay, kUtc, cents(1000), {}, {}}));
  };
  CHECK(basis(1h) == "too early");
  CHECK(basis(23h) == "too early");
  CHECK(basis(24h) == "1 day");
  CHECK(basis(6 * 24h) == "6 days");
  CHECK(basis(13 * 24h) == "7 days");
  CHECK(basis(14 * 24h) == "2 weeks");
  CHECK(basis(22 * 24h) == "3 weeks");
  CHECK(basis(28 * 24h) == "4 weeks");
  const Forecast none = forecast({{}, kNow, kNextDay, kUtc, cents(1000), cents(5), {}});
  CHECK(basis_text(none) == "too early");
  CHECK_FALSE(none.spent_at_reset);
  CHECK_FALSE(none.low);
  CHECK_FALSE(none.high);
  CHECK_FALSE(none.exhausted_at);
}

TEST_CASE("each weekday has its own mean, in the cap's zone", "[policy][forecast]") {
  // Only Sundays in Auckland cost: they begin at 11:00 UTC on Saturday and end at 11:00 on Sunday.
  const Zone auckland{{{}, hours{13}}};
  const auto past = history(28 * 24h, [&](WallTime at) {
    const auto local = floor<days>(at + hours{13});
    return weekday(local) == Sunday ? cents(1) : cents(0);
  });
  const auto at_reset = [&](WallTime reset) {
    return forecast({past, kNow, reset, auckland, cents(100'000), {}, {}}).spent_at_reset;
  };
  const WallTime next_sunday = utc("2026-11-28T11:00:00Z");
  CHECK(at_reset(next_sunday) == cents(0));
  CHECK(at_reset(next_sunday + 6h) == cents(24));
  CHECK(at_reset(next_sunday + 48h) == cents(96));
}

TEST_CASE("the band is what the weeks differ by", "[policy][forecast]") {
  // 10, 20, 30 and 40 cents a quarter, the last week most.
  const auto past = history(28 * 24h, [](WallTime at) { return cents(10 * (4 - (kNow - at - 1us) / (7 * 24h))); });
  const Forecast found = forecast({past, kNow, kNow + 1h, kUtc, cents(1000), cents(100), {}});
  CHECK(found.spent_at_reset == cents(100 + 4 * 25));
  CHECK(found.low == cents(100 + 4 * 13));
  CHECK(found.high == cents(100 + 4 * 37));
}

TEST_CASE("a cap in total has no reset, and is exhausted within a year or not", "[policy][forecast]") {
  const auto past = steady(28 * 24h, 1);
  const Forecast found = forecast({past, kNow, {}, kUtc, cents(96 * 30), {}, {}});
  CHECK_FALSE(found.spent_at_reset);
  CHECK_FALSE(found.low);
  CHECK_FALSE(found.high);
  CHECK(found.exhausted_at == kNow + 30 * 24h);
  CHECK_FALSE(forecast({past, kNow, {}, kUtc, cents(96 * 400), {}, {}}).exhausted_at);
}

TEST_CASE("a refund in the past lowers the expectation", "[policy][forecast]") {
  const auto past = history(7 * 24h, [](WallTime at) { return cents(at < kNow - 6 * 24h ? -6 : 8); });
  const Forecast found = forecast({past, kNow, kNow + 15min, kUtc, cents(1000), cents(50), {}});
  CHECK(found.basis == ForecastBasis::days);
  CHECK(found.spent_at_reset == cents(56));
}
