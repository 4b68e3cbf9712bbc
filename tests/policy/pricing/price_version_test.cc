#include "policy/pricing/price_version.h"

#include <set>

#include "gateway/row.h"
#include "policy/pricing/price_figures.h"
#include "support/catch.h"

using namespace gateway;

namespace {

Prices one_and_two() {
  Prices p;
  p.input = Money::units(1'000'000);
  p.output = Money::units(2'000'000);
  return p;
}

}  // namespace

TEST_CASE("the version of configured prices stays what it is", "[policy][price_version]") {
  // Rows of years have it: it must not change from one release to the next.
  REQUIRE(config_price_version(one_and_two()) == "config@cc1554ee");
  REQUIRE(config_price_version(one_and_two()).size() <= decltype(Row::price_version)::capacity());
}

TEST_CASE("every figure and condition makes another version", "[policy][price_version]") {
  std::set<std::string> versions{config_price_version({}), config_price_version(one_and_two())};
  std::size_t expected = 2;
  const auto is_new = [&](const Prices& p) {
    versions.insert(config_price_version(p));
    CHECK(versions.size() == ++expected);
  };
  for (const PriceFigure& each : kPriceFigures) {
    CAPTURE(each.name);
    Prices p = one_and_two();
    p.*each.figure = Money::units(3);
    is_new(p);
    p.*each.figure = Money{};
    is_new(p);
    p = one_and_two();
    p.overrides.emplace_back().prices.*each.figure = Money::units(3);
    is_new(p);
  }
  Prices p = one_and_two();
  for (const PriceOverride& condition :
       {PriceOverride{0, {}, {}, {}}, PriceOverride{1, {}, {}, {}}, PriceOverride{0, 0, 60, {}},
        PriceOverride{0, 60, 0, {}}, PriceOverride{1, 0, 60, {}}}) {
    p.overrides = {condition};
    is_new(p);
  }
  p.overrides = {{1, {}, {}, one_and_two()}, {2, {}, {}, {}}};
  is_new(p);
  std::swap(p.overrides[0], p.overrides[1]);
  is_new(p);
}
