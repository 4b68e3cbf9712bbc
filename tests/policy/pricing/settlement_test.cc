#include "policy/pricing/settlement.h"

#include "policy/pricing/show_money.h"
#include "support/catch.h"

using namespace gateway;

namespace {

using Ending = Observed::Ending;

Money m(std::int64_t units) { return Money::units(units); }

Prices ten_and_hundred() {
  Prices p;
  p.input = m(10);
  p.output = m(100);
  return p;
}

const Prices kPrices = ten_and_hundred();
const PriceInForce kInForce{&kPrices, "config"};

Observed observed(Ending ending) {
  Observed o;
  o.ending = ending;
  o.input_estimate = 7;
  o.emitted_bytes = 41;
  o.emitted_events = 5;
  return o;
}

Usage usage(std::int64_t input, std::int64_t output) {
  Usage u;
  u.input = input;
  u.output = output;
  return u;
}

}  // namespace

TEST_CASE("the provider's own cost comes first", "[policy][settlement]") {
  Observed o = observed(GENERATE(Ending::whole, Ending::cut_off, Ending::refused));
  o.cost = m(5);
  o.usage = usage(3, 4);
  const Settlement s = settle(o, kInForce, {});
  REQUIRE(s.cost == m(5));
  REQUIRE(s.source == CostSource::provider);
  REQUIRE(s.usage == usage(3, 4));
  REQUIRE(s.flags == 0);
}

TEST_CASE("a key of one's own costs what both providers charge", "[policy][settlement]") {
  Observed o = observed(Ending::whole);
  o.cost = m(5);
  o.upstream_cost = m(70);
  o.usage = usage(3, 4);
  CHECK(settle(o, kInForce, {}).cost == m(5));  // no such key: it is in the provider's own figure
  CHECK(settle(o, kInForce, {}).upstream_cost == m(0));
  o.byok = true;
  CHECK(settle(o, kInForce, {}).cost == m(75));
  CHECK(settle(o, kInForce, {}).upstream_cost == m(70));
  CHECK(settle(o, kInForce, {}).source == CostSource::provider);
  o.upstream_cost.reset();  // the price list has it
  CHECK(settle(o, kInForce, {}).cost == m(435));
  CHECK(settle(o, kInForce, {}).upstream_cost == m(430));
  CHECK(settle(o, kInForce, {}).source == CostSource::priced);
  CHECK(settle(o, {}, {}).cost == m(5));
}

TEST_CASE("then its tokens at our prices", "[policy][settlement]") {
  Observed o = observed(GENERATE(Ending::whole, Ending::cut_off, Ending::refused));
  o.usage = usage(3, 4);
  const Settlement s = settle(o, kInForce, {});
  REQUIRE(s.cost == m(430));
  REQUIRE(s.source == CostSource::priced);
}

TEST_CASE("without usage what was seen is estimated", "[policy][settlement]") {
  const Settlement s = settle(observed(GENERATE(Ending::whole, Ending::cut_off)), kInForce, {});
  REQUIRE(s.usage == usage(7, 11));
  REQUIRE(s.cost == m(70 + 1100));
  REQUIRE(s.source == CostSource::estimated);
  REQUIRE(s.flags == row_flag::usage_missing);
}

TEST_CASE("the tokens of images with a price of their own are not charged again", "[policy][settlement]") {
  Prices prices = ten_and_hundred();
  prices.image = m(5000);
  Observed o = observed(Ending::whole);
  o.usage = usage(1117, 3);
  o.usage->cached_input = 1024;
  o.images = 1;
  o.text_bound = 40;
  const Settlement s = settle(o, {&prices, ""}, {});
  REQUIRE(s.cost == m(40 * 10 + 3 * 100 + 5000));
  REQUIRE(s.usage == *o.usage);
  SECTION("but all are where there is a file too, whose tokens these may be") {
    o.text_bound.reset();
    REQUIRE(settle(o, {&prices, ""}, {}).cost == m(1117 * 10 + 3 * 100 + 5000));
  }
}

TEST_CASE("what was refused costs nothing", "[policy][settlement]") {
  const Settlement s = settle(observed(Ending::refused), kInForce, {});
  REQUIRE(s.cost.is_zero());
  REQUIRE(s.source == CostSource::none);
  REQUIRE(s.usage == Usage{});
}

TEST_CASE("without a price the tokens are kept and the row says so", "[policy][settlement]") {
  const Prices unknown;
  Observed o = observed(Ending::whole);
  o.usage = usage(3, 4);
  for (const Prices* prices : {static_cast<const Prices*>(nullptr), &unknown}) {
    const Settlement s = settle(o, {prices, ""}, {});
    REQUIRE(s.cost.is_zero());
    REQUIRE(s.source == CostSource::none);
    REQUIRE(s.usage == usage(3, 4));
    REQUIRE(s.flags == row_flag::unpriced);
  }
}

TEST_CASE("what was odd or paid with a key of one's own is flagged", "[policy][settlement]") {
  Observed o = observed(Ending::whole);
  o.usage_odd = o.byok = true;
  o.cost = m(0);
  o.usage = usage(3, 4);
  REQUIRE(settle(o, kInForce, {}).flags == (row_flag::usage_odd | row_flag::byok));
}

TEST_CASE("output is at least a token an event and a quarter of its bytes", "[policy][settlement]") {
  REQUIRE(estimate_output(0, 0) == 0);
  REQUIRE(estimate_output(1, 0) == 1);
  REQUIRE(estimate_output(8, 1) == 2);
  REQUIRE(estimate_output(9, 1) == 3);
  REQUIRE(estimate_output(9, 20) == 20);
}

TEST_CASE("figures without input are not believed, for every request has some", "[policy][settlement]") {
  Observed o = observed(Ending::whole);
  o.usage = usage(0, 0);
  Settlement result = settle(o, kInForce, {});
  CHECK(result.usage.input == 7);
  CHECK(result.usage.output == 11);
  CHECK(result.source == CostSource::estimated);
  CHECK((result.flags & row_flag::usage_odd) != 0);
  o.usage = usage(0, 50);
  result = settle(o, kInForce, {});
  CHECK(result.usage.input == 7);
  CHECK(result.usage.output == 50);
  CHECK(result.cost == m(7 * 10 + 50 * 100));
  o.cost = m(3);  // unless the provider says what it charges
  CHECK(settle(o, kInForce, {}).cost == m(3));
  CHECK(settle(o, kInForce, {}).usage.input == 0);
}

TEST_CASE("what is written to a cache for an hour has a price of its own", "[policy][settlement]") {
  Prices prices = kPrices;
  prices.cache_write = m(12);
  prices.cache_write_1h = m(20);
  const PriceInForce in_force{&prices, "config"};
  Observed o = observed(Ending::whole);
  o.usage = usage(10, 1);
  o.usage->cached_input = 2;
  o.usage->cache_write = 5;
  o.hour_writes = 3;
  const Settlement s = settle(o, in_force, WallTime{});
  CHECK(s.cost == m(3 * 10 + 2 * 10 + 2 * 12 + 3 * 20 + 100));
  CHECK(s.source == CostSource::priced);
  CHECK((s.flags & row_flag::surcharged) != 0);
  o.hour_writes = 0;
  CHECK(settle(o, in_force, WallTime{}).cost == m(3 * 10 + 2 * 10 + 5 * 12 + 100));
  Surcharges asked;
  const Money usual = worst_case(prices, 10, 0, 0, 0, WallTime{}, asked);
  asked.hour_writes = 1;
  CHECK(usual == m(10 * 12));
  CHECK(worst_case(prices, 10, 0, 0, 0, WallTime{}, asked) == m(10 * 20));
}

TEST_CASE("an answer that broke off costs the input that was told and the output that came", "[policy][settlement]") {
  Observed o = observed(Ending::cut_off);
  o.usage = usage(30, 2);
  o.output_unknown = true;
  const Settlement s = settle(o, kInForce, WallTime{});
  CHECK(s.usage.input == 30);
  CHECK(s.usage.output == 11);  // a quarter of 41 bytes
  CHECK(s.cost == m(30 * 10 + 11 * 100));
  CHECK(s.source == CostSource::estimated);
  CHECK((s.flags & row_flag::usage_missing) != 0);
  o.output_bound = 8;
  CHECK(settle(o, kInForce, WallTime{}).usage.output == 8);
}
