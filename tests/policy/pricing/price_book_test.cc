#include "policy/pricing/price_book.h"

#include <random>

#include "policy/pricing/show_money.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

const WallTime kDay = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
const WallTime kNoon = kDay + 12h;

Money m(std::int64_t units) { return Money::units(units); }

Prices flat(std::int64_t input, std::int64_t output) {
  Prices p;
  p.input = m(input);
  p.output = m(output);
  return p;
}

PriceOverride from_tokens(std::int64_t tokens, Prices prices) { return {tokens, {}, {}, std::move(prices)}; }
PriceOverride between(int start, int end, Prices prices) { return {0, start, end, std::move(prices)}; }

Usage usage(std::int64_t input, std::int64_t output) {
  Usage u;
  u.input = input;
  u.output = output;
  return u;
}

}  // namespace

TEST_CASE("absent figures fall back", "[policy][price_book]") {
  const Rates r = rates_for(flat(3, 5), 0, kNoon);
  REQUIRE(r.input == m(3));
  REQUIRE(r.cached_input == m(3));
  REQUIRE(r.cache_write == m(3));
  REQUIRE(r.output == m(5));
  REQUIRE(r.reasoning == m(5));
  REQUIRE(r.request == m(0));
  REQUIRE_FALSE(r.image);
  REQUIRE_FALSE(r.audio);
}

TEST_CASE("every token is charged once", "[policy][price_book]") {
  Prices p = flat(100, 1000);
  p.cached_input = m(10);
  p.cache_write = m(125);
  p.reasoning = m(3000);
  p.request = m(7);
  p.image = m(50'000);
  p.audio = m(60'000);
  Usage u = usage(1000, 200);
  REQUIRE(price(p, u, 0, 0, kNoon) == m(1000 * 100 + 200 * 1000 + 7));
  u.cached_input = 300;
  u.cache_write = 200;
  u.reasoning = 150;
  REQUIRE(price(p, u, 2, 1, kNoon) ==
          m(500 * 100 + 300 * 10 + 200 * 125 + 50 * 1000 + 150 * 3000 + 7 + 2 * 50'000 + 60'000));
}

TEST_CASE("reasoning without a price of its own is output and never counted twice", "[policy][price_book]") {
  Usage u = usage(0, 100);
  u.reasoning = 100;
  REQUIRE(price(flat(1, 10), u, 0, 0, kNoon) == m(1000));
}

TEST_CASE("parts larger than their whole, and negative figures, are cut", "[policy][price_book]") {
  Prices p = flat(100, 1000);
  p.cached_input = m(10);
  p.cache_write = m(125);
  Usage odd = usage(100, 10);
  odd.cached_input = 80;
  odd.cache_write = 80;
  odd.reasoning = 99;
  REQUIRE(price(p, odd, -3, -3, kNoon) == m(80 * 10 + 20 * 125 + 10 * 1000));
  Usage negative = usage(-5, -5);
  negative.cached_input = negative.cache_write = negative.reasoning = -5;
  REQUIRE(price(p, negative, 0, 0, kNoon) == m(0));
}

TEST_CASE("a price for images is nothing without images, and no price is no cost", "[policy][price_book]") {
  REQUIRE(price(flat(1, 1), usage(10, 0), 5, 5, kNoon) == m(10));
  Prices p = flat(1, 1);
  p.image = m(4);
  REQUIRE(price(p, usage(10, 0), 5, 5, kNoon) == m(30));
}

TEST_CASE("unit prices pay for the tokens beyond the text", "[policy][price_book]") {
  Prices p = flat(10, 100);
  p.image = m(5000);
  Usage u = usage(1117, 3);
  REQUIRE(price(p, u, 1, 0, kNoon, 40) == m(400 + 300 + 5000));
  REQUIRE(price(p, u, 1, 0, kNoon) == m(11'170 + 300 + 5000));
  SECTION("parts of the input are cut with it") {
    p.cached_input = m(1);
    p.cache_write = m(12);
    u.cached_input = 30;
    u.cache_write = 1024;
    REQUIRE(price(p, u, 1, 0, kNoon, 40) == m(30 + 10 * 12 + 300 + 5000));
    u.cached_input = 1024;
    REQUIRE(price(p, u, 1, 0, kNoon, 40) == m(40 + 300 + 5000));
  }
  SECTION("the text chooses the tier") {
    p.overrides = {from_tokens(1000, flat(20, 200))};
    REQUIRE(price(p, u, 1, 0, kNoon, 40) == m(400 + 300 + 5000));
    REQUIRE(price(p, u, 1, 0, kNoon, 1000) == m(20'000 + 600 + 5000));
  }
  SECTION("a smaller input is charged as it is") {
    REQUIRE(price(p, usage(20, 3), 1, 0, kNoon, 40) == m(200 + 300 + 5000));
  }
  SECTION("audio likewise, and all are charged where only one of the two is paid for") {
    REQUIRE(price(p, u, 1, 1, kNoon, 40) == m(11'170 + 300 + 5000));
    REQUIRE(price(p, u, 0, 1, kNoon, 40) == m(11'170 + 300));
    p.audio = m(70);
    REQUIRE(price(p, u, 1, 1, kNoon, 40) == m(400 + 300 + 5070));
    REQUIRE(price(p, u, 0, 1, kNoon, 40) == m(400 + 300 + 70));
  }
  SECTION("of a request without any, every token is charged") {
    REQUIRE(price(p, u, 0, 0, kNoon, 40) == m(11'170 + 300));
  }
}

TEST_CASE("the worst case takes the dearest counts as none", "[policy][price_book]") {
  Prices p = flat(-1, -1);
  p.request = m(-1);
  p.image = m(-1);
  REQUIRE(price(p, usage(100, 100), 1, 1, kNoon) == m(0));
  REQUIRE(worst_case(p, 100, 100, 1, 1, kNoon) == m(0));
}

TEST_CASE("the largest cost stops at the end of the range", "[policy][price_book]") {
  REQUIRE(price(flat(1'000'000, 1), usage(INT64_MAX, INT64_MAX), 0, 0, kNoon) == Money::max());
  REQUIRE(worst_case(flat(1'000'000, 1), INT64_MAX, INT64_MAX, 0, 0, kNoon) == Money::max());
}

TEST_CASE("a tier by prompt size prices the whole prompt from its threshold on", "[policy][price_book]") {
  Prices p = flat(10, 100);
  p.overrides.push_back(from_tokens(1001, flat(20, 150)));
  REQUIRE(price(p, usage(1000, 1), 0, 0, kNoon) == m(10'000 + 100));
  REQUIRE(price(p, usage(1001, 1), 0, 0, kNoon) == m(20'020 + 150));
}

TEST_CASE("of several overrides later ones win, figure by figure", "[policy][price_book]") {
  Prices p = flat(10, 100);
  p.cached_input = m(1);
  Prices only_input;
  only_input.input = m(20);
  Prices only_output;
  only_output.output = m(200);
  only_output.input = m(30);
  p.overrides = {from_tokens(10, only_input), from_tokens(100, only_output), from_tokens(1000, only_input)};
  REQUIRE(rates_for(p, 50, kNoon).input == m(20));
  REQUIRE(rates_for(p, 50, kNoon).output == m(100));
  REQUIRE(rates_for(p, 500, kNoon).input == m(30));
  REQUIRE(rates_for(p, 5000, kNoon).input == m(20));
  REQUIRE(rates_for(p, 5000, kNoon).output == m(200));
  REQUIRE(rates_for(p, 5000, kNoon).cached_input == m(1));
}

TEST_CASE("a time of day includes its start, not its end, and may wrap past midnight", "[policy][price_book]") {
  Prices p = flat(10, 10);
  p.overrides = {between(22 * 60, 6 * 60, flat(1, 1))};
  const auto input_at = [&p](auto time) { return rates_for(p, 0, kDay + time).input; };
  REQUIRE(input_at(21h + 59min + 59s) == m(10));
  REQUIRE(input_at(22h) == m(1));
  REQUIRE(input_at(23h + 59min) == m(1));
  REQUIRE(input_at(0h) == m(1));
  REQUIRE(input_at(5h + 59min + 59s) == m(1));
  REQUIRE(input_at(6h) == m(10));
  REQUIRE(rates_for(p, 0, WallTime{} - 1h).input == m(1));  // 23:00 before 1970

  p.overrides = {between(600, 660, flat(2, 2))};
  REQUIRE(input_at(10h) == m(2));
  REQUIRE(input_at(11h) == m(10));
  p.overrides = {PriceOverride{0, 600, {}, flat(3, 3)}};
  REQUIRE(input_at(9h) == m(10));
  REQUIRE(input_at(23h) == m(3));
  p.overrides = {PriceOverride{0, {}, 600, flat(4, 4)}};
  REQUIRE(input_at(9h) == m(4));
  REQUIRE(input_at(10h) == m(10));
  p.overrides = {between(600, 600, flat(5, 5))};
  REQUIRE(input_at(3h) == m(5));
}

TEST_CASE("the worst case takes the dearest kind of token", "[policy][price_book]") {
  Prices p = flat(100, 1000);
  p.cached_input = m(10);
  p.cache_write = m(125);
  REQUIRE(worst_case(p, 10, 10, 0, 0, kNoon) == m(1250 + 10'000));
  p.reasoning = m(1500);
  p.request = m(3);
  p.image = m(7);
  REQUIRE(worst_case(p, 10, 10, 2, 0, kNoon) == m(1250 + 15'000 + 3 + 14));
}

TEST_CASE("the worst case looks at every tier that the prompt may reach", "[policy][price_book]") {
  Prices dearer = flat(10, 10);
  dearer.overrides = {from_tokens(100, flat(20, 20))};
  REQUIRE(worst_case(dearer, 99, 1, 0, 0, kNoon) == m(990 + 10));
  REQUIRE(worst_case(dearer, 100, 1, 0, 0, kNoon) == m(2000 + 20));
  Prices cheaper = flat(10, 10);
  cheaper.overrides = {from_tokens(100, flat(1, 1))};
  REQUIRE(worst_case(cheaper, 150, 1, 0, 0, kNoon) == m(990 + 10));
  REQUIRE(worst_case(cheaper, 5000, 1, 0, 0, kNoon) == m(5000 + 1));
  REQUIRE(worst_case(cheaper, 150, 1000, 0, 0, kNoon) == m(990 + 10'000));
}

TEST_CASE("the worst case looks an hour ahead", "[policy][price_book]") {
  Prices p = flat(1, 1);
  p.overrides = {between(13 * 60, 14 * 60, flat(10, 10))};
  REQUIRE(worst_case(p, 10, 0, 0, 0, kDay + 11h + 59min) == m(10));
  REQUIRE(worst_case(p, 10, 0, 0, 0, kNoon) == m(100));
  REQUIRE(worst_case(p, 10, 0, 0, 0, kDay + 13h + 59min) == m(100));
  REQUIRE(worst_case(p, 10, 0, 0, 0, kDay + 14h) == m(10));
  p.overrides = {between(0, 60, flat(10, 10))};
  REQUIRE(worst_case(p, 10, 0, 0, 0, kDay + 23h + 30min) == m(100));
  p.overrides = {between(60, 23 * 60 + 45, flat(1, 1))};
  p.input = m(10);
  REQUIRE(worst_case(p, 10, 0, 0, 0, kDay + 23h) == m(100));
}

TEST_CASE("no usage within the bounds at any time within the hour costs more than the worst case",
          "[policy][price_book]") {
  std::mt19937_64 random(3);
  const auto below = [&random](std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
  };
  const auto maybe = [&](std::optional<Money>& figure) {
    if (below(3) == 0) figure = m(below(100));
  };
  const auto some = [&] {
    Prices p;
    for (auto* figure :
         {&p.input, &p.output, &p.cached_input, &p.cache_write, &p.reasoning, &p.request, &p.image, &p.audio}) {
      maybe(*figure);
    }
    return p;
  };
  for (int round = 0; round < 3000; ++round) {
    Prices p = some();
    for (std::int64_t i = below(4); i > 0; --i) {
      PriceOverride o{below(2) == 0 ? 0 : below(60), {}, {}, some()};
      if (below(2) == 0) o.utc_start_minute = static_cast<int>(below(1440));
      if (below(2) == 0) o.utc_end_minute = static_cast<int>(below(1440));
      p.overrides.push_back(std::move(o));
    }
    const std::int64_t input = below(80), output = below(80), images = below(3), audios = below(3);
    const WallTime at = kDay + std::chrono::seconds{below(86'400)};
    const Money worst = worst_case(p, input, output, images, audios, at);
    for (int i = 0; i < 40; ++i) {
      Usage u = usage(below(input + 1), below(output + 1));
      u.cached_input = below(80);
      u.cache_write = below(80);
      u.reasoning = below(80);
      const WallTime then = at + std::chrono::seconds{below(3601)};
      REQUIRE(price(p, u, below(images + 1), below(audios + 1), then) <= worst);
    }
    // It grows with each bound.
    REQUIRE(worst_case(p, input + 1, output, images, audios, at) >= worst);
    REQUIRE(worst_case(p, input, output + 1, images, audios, at) >= worst);
    REQUIRE(worst_case(p, input, output, images + 1, audios, at) >= worst);

    const std::int64_t choices = 1 + below(3);
    const Money budget = m(below(8000));
    const auto most = max_output_that_fits(p, input, images, audios, choices, budget, at);
    const auto costs = [&](std::int64_t tokens) { return worst_case(p, input, tokens * choices, images, audios, at); };
    if (most) {
      REQUIRE(*most >= 1);
      REQUIRE(costs(*most) <= budget);
      REQUIRE(costs(*most + 1) > budget);
    } else {
      REQUIRE((costs(1) > budget || costs(1'000'000) == costs(0)));
    }
  }
}

TEST_CASE("what fits a budget is told for each choice, or not at all", "[policy][price_book]") {
  REQUIRE(max_output_that_fits(flat(10, 100), 5, 0, 0, 1, m(1050), kNoon) == 10);
  REQUIRE(max_output_that_fits(flat(10, 100), 5, 0, 0, 3, m(1049), kNoon) == 3);
  REQUIRE_FALSE(max_output_that_fits(flat(10, 100), 5, 0, 0, 1, m(149), kNoon));
  REQUIRE_FALSE(max_output_that_fits(flat(10, 100), 5, 0, 0, 1, m(49), kNoon));
  REQUIRE_FALSE(max_output_that_fits(flat(10, 0), 5, 0, 0, 1, m(1000), kNoon));
  REQUIRE_FALSE(max_output_that_fits(flat(10, 100), 5, 0, 0, 1, m(-1), kNoon));
}

TEST_CASE("a catalogue finds its models by id", "[policy][price_book]") {
  Catalogue c;
  c.models.resize(2);
  c.models[0].id = std::string("a");
  c.models[1].id = std::string("b/c");
  c.index();
  REQUIRE(c.find("b/c") == &c.models[1]);
  REQUIRE(c.find("b") == nullptr);
  c.models.pop_back();
  c.index();
  REQUIRE(c.find("b/c") == nullptr);
}
