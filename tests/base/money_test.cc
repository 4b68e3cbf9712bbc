#include "gateway/money.h"

#include <array>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.h"

using gateway::ErrorCode;
using gateway::Money;
using gateway::MoneySum;

namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

constexpr std::array<std::int64_t, 14> kEdges{
    kMin,     kMin + 1, -Money::kUnitsPerDollar - 1, -Money::kUnitsPerDollar, -Money::kUnitsPerDollar + 1, -1,
    0,        1,        Money::kUnitsPerDollar - 1,  Money::kUnitsPerDollar,  Money::kUnitsPerDollar + 1,  kMax / 2,
    kMax - 1, kMax};

// Values of every size, not only the huge ones that a flat distribution yields.
std::int64_t any_amount(std::mt19937_64& random) { return static_cast<std::int64_t>(random()) >> (random() % 64); }

bool fits(Wide value) { return value >= kMin && value <= kMax; }

std::int64_t units_of(const char* text) {
  const auto parsed = Money::parse(text);
  INFO(text);
  REQUIRE(parsed.has_value());
  return parsed->units();
}

std::string mistake_of(std::string_view text) {
  const auto parsed = Money::parse(text);
  INFO(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == ErrorCode::invalid);
  return parsed.error().detail;
}

void check_round_trip(std::int64_t units) {
  const std::string text = Money::units(units).to_string();
  const auto parsed = Money::parse(text);
  INFO(text);
  REQUIRE(parsed.has_value());
  REQUIRE(parsed->units() == units);
  REQUIRE(parsed->to_string() == text);
  REQUIRE(Money::parse_rounded(text).value().units() == units);
}

}  // namespace

TEST_CASE("whole dollars are exact, and stop at the ends of the range", "[base][money]") {
  for (const std::int32_t d : {0, 1, -1, 25, 8'999'999, 9'000'000, -9'000'000, 9'223'372, -9'223'372}) {
    CAPTURE(d);
    CHECK(Money::dollars(d).to_string() == std::to_string(d));
  }
  constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();
  constexpr std::int32_t kSmallest = std::numeric_limits<std::int32_t>::min();
  CHECK(Money::dollars(9'223'373) == Money::max());
  CHECK(Money::dollars(kLargest) == Money::max());
  CHECK(Money::dollars(-9'223'373) == Money::min());
  CHECK(Money::dollars(kSmallest) == Money::min());
  CHECK(Money::min().plus_saturated(Money::dollars(-1)) == Money::min());
}

TEST_CASE("what money prints, it parses to the same amount", "[base][money]") {
  for (const std::int64_t units : kEdges) check_round_trip(units);
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) check_round_trip(any_amount(random));
}

TEST_CASE("money prints the shortest exact decimal", "[base][money]") {
  CHECK(Money::units(123'450'000).to_string() == "0.00012345");
  CHECK(Money::dollars(25).to_string() == "25");
  CHECK(Money::units(-500'000'000'000).to_string() == "-0.5");
  CHECK(Money().to_string() == "0");
  CHECK(Money::units(1).to_string() == "0.000000000001");
  CHECK(Money::units(-1).to_string() == "-0.000000000001");
  CHECK(Money::units(kMax).to_string() == "9223372.036854775807");
  CHECK(Money::units(kMin).to_string() == "-9223372.036854775808");
}

TEST_CASE("money parses decimals with sign, fraction and exponent exactly", "[base][money]") {
  CHECK(units_of("25") == 25 * Money::kUnitsPerDollar);
  CHECK(units_of("0.00000015") == 150'000);
  CHECK(units_of("1.5e-7") == 150'000);
  CHECK(units_of("15E-8") == 150'000);
  CHECK(units_of("0.0000015e-1") == 150'000);
  CHECK(units_of("+2.50") == 2'500'000'000'000);
  CHECK(units_of("-2.5e+0") == -2'500'000'000'000);
  CHECK(units_of("0.0025e3") == 2'500'000'000'000);
  CHECK(units_of("9e6") == 9'000'000 * Money::kUnitsPerDollar);
  CHECK(units_of("1e-12") == 1);
  CHECK(units_of("-0") == 0);
  CHECK(units_of("0e999999999999999999999999") == 0);
  CHECK(units_of("0.000e-400") == 0);
  CHECK(units_of("9223372.036854775807") == kMax);
  CHECK(units_of("-9223372.036854775808") == kMin);
  CHECK(units_of("1.000000000000000000000000000000") == Money::kUnitsPerDollar);
  CHECK(units_of("100000000000000000000e-20") == Money::kUnitsPerDollar);
  CHECK(units_of("0.00000000000000000001e20") == Money::kUnitsPerDollar);
}

TEST_CASE("decimals past the twelfth are refused, or rounded half up if rounding is requested", "[base][money]") {
  for (const char* text : {"0.0000000000001", "1e-13", "1e-400", "1.0000000000005", "9223372.0368547758070001"}) {
    CHECK(mistake_of(text).find("more than 12 decimals") != std::string::npos);
  }
  const auto rounded = [](const char* text) { return Money::parse_rounded(text).value().units(); };
  CHECK(rounded("0.0000000000005") == 1);
  CHECK(rounded("-0.0000000000005") == -1);
  CHECK(rounded("0.00000000000049999") == 0);
  CHECK(rounded("0.0000000000014999") == 1);
  CHECK(rounded("0.0000000000015") == 2);
  CHECK(rounded("9.9999999999995") == 10 * Money::kUnitsPerDollar);
  CHECK(rounded("1e-400") == 0);
  CHECK(rounded("9e-13") == 1);
  CHECK(rounded("0.04e-12") == 0);
  CHECK(rounded("9223372.0368547758074") == kMax);
  CHECK(rounded("-9223372.0368547758084") == kMin);
  CHECK_FALSE(Money::parse_rounded("9223372.0368547758075").has_value());
  CHECK_FALSE(Money::parse_rounded("-9223372.0368547758085").has_value());
}

TEST_CASE("amounts out of range are refused as such", "[base][money]") {
  for (const char* text :
       {"9223372.036854775808", "-9223372.036854775809", "1e7", "-1e7", "1e400", "1e999999999999999999",
        "18446744.073709551616", "18446745", "123456789012345678901234567890"}) {
    CHECK(mistake_of(text).find("out of range") != std::string::npos);
  }
}

TEST_CASE("what is no decimal number is refused and quoted on one short line", "[base][money]") {
  for (const char* text :
       {"",    "-",    "+",     ".",   "1.",  ".5",       "1e", "1e+",   "e5",    "1e5.5", " 1", "1 ",  "1,5", "--1",
        "+-1", "0x10", "1_000", "NaN", "inf", "Infinity", "$5", "1.2.3", "1e5e5", "1-",    "٣",  "1\n", "true"}) {
    CHECK(mistake_of(text).find("is not a decimal number") != std::string::npos);
  }
  CHECK(mistake_of(std::string_view("1\0", 2)) == "'1?' is not a decimal number");
  CHECK(mistake_of(std::string(5000, 'x')).size() < 100);
}

TEST_CASE("random text never parses to something that prints otherwise", "[base][money]") {
  static constexpr std::string_view kAlphabet = "0123456789+-.eE x";
  std::mt19937_64 random(2);
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += kAlphabet[random() % kAlphabet.size()];
    const auto exact = Money::parse(text);
    const auto rounded = Money::parse_rounded(text);
    if (!exact) continue;
    INFO(text);
    REQUIRE(rounded.has_value());
    REQUIRE(*rounded == *exact);
    REQUIRE(*Money::parse(exact->to_string()) == *exact);
  }
}

TEST_CASE("plus, minus and times agree with wide arithmetic, or report that they cannot", "[base][money]") {
  const auto check = [](std::int64_t a, std::int64_t b) {
    const auto same = [](std::optional<Money> got, Wide want) {
      REQUIRE(got.has_value() == fits(want));
      if (got) REQUIRE(got->units() == static_cast<std::int64_t>(want));
    };
    const auto saturated = [](Money got, Wide want) {
      REQUIRE(got.units() == static_cast<std::int64_t>(want < kMin ? kMin : want > kMax ? kMax : want));
    };
    const Money x = Money::units(a), y = Money::units(b);
    same(x.plus(y), Wide{a} + b);
    same(x.minus(y), Wide{a} - b);
    same(x.times(b), Wide{a} * b);
    saturated(x.plus_saturated(y), Wide{a} + b);
    saturated(x.times_saturated(b), Wide{a} * b);
  };
  for (const std::int64_t a : kEdges) {
    for (const std::int64_t b : kEdges) check(a, b);
  }
  std::mt19937_64 random(3);
  for (int i = 0; i < 100'000; ++i) check(any_amount(random), any_amount(random));
}

TEST_CASE("a sum of any amounts is exact, and its parts make it up again", "[base][money]") {
  std::mt19937_64 random(4);
  for (int round = 0; round < 300; ++round) {
    MoneySum sum;
    Wide want = 0;
    for (int i = 0; i < 300; ++i) {
      const std::int64_t amount = i % 10 == 0 ? kEdges[random() % kEdges.size()] : any_amount(random);
      if (i % 3 == 0) {
        sum -= Money::units(amount), want -= amount;
      } else {
        sum += Money::units(amount), want += amount;
      }
      REQUIRE(sum.pico() >= 0);
      REQUIRE(sum.pico() < Money::kUnitsPerDollar);
      REQUIRE(Wide{sum.dollars()} * Money::kUnitsPerDollar + sum.pico() == want);
      REQUIRE(MoneySum::of_parts(sum.dollars(), sum.pico()) == sum);
      REQUIRE(sum.is_negative() == (want < 0));
      REQUIRE(sum.to_money_saturated().units() == static_cast<std::int64_t>(want < kMin   ? kMin
                                                                            : want > kMax ? kMax
                                                                                          : want));
    }
  }
}

TEST_CASE("a sum prints as money does, also far beyond its range", "[base][money]") {
  MoneySum sum;
  for (int i = 0; i < 1000; ++i) sum += Money::max();
  CHECK(sum.to_string() == "9223372036.854775807");
  for (int i = 0; i < 2000; ++i) sum -= Money::max();
  CHECK(sum.to_string() == "-9223372036.854775807");
  std::mt19937_64 random(5);
  for (int i = 0; i < 10'000; ++i) {
    const Money amount = Money::units(any_amount(random));
    REQUIRE(MoneySum(amount).to_string() == amount.to_string());
  }
  CHECK(MoneySum::of_parts(-1, 1).to_string() == "-0.999999999999");
}
