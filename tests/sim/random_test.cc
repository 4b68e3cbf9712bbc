#include "sim/play/random.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/catch.h"

using namespace gateway::sim;
using gateway::Duration;

namespace {

double as_double(Fixed fixed) { return static_cast<double>(fixed) / static_cast<double>(kOne); }

template <class Draw>
std::vector<double> sorted(int n, Draw draw) {
  std::vector<double> out;
  for (int i = 0; i < n; ++i) out.push_back(draw());
  std::sort(out.begin(), out.end());
  return out;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("the same seed gives the same numbers, those of SplitMix64", "[sim][random]") {
  Random random(1234567);
  CHECK(random.next() == 6457827717110365317u);
  CHECK(random.next() == 3203168211198807973u);
  CHECK(random.next() == 9817491932198370423u);
}

TEST_CASE("each name has a sequence of its own", "[sim][random]") {
  CHECK(Random(1, "first").next() == Random(1, "first").next());
  CHECK(Random(1, "first").next() != Random(1, "second").next());
  CHECK(Random(1, "first").next() != Random(2, "first").next());
}

TEST_CASE("logarithms and powers in fixed point are those of mathematics", "[sim][random]") {
  for (const std::int64_t ratio : {1, 2, 3, 10, 1000, 123456}) {
    CHECK(std::abs(as_double(log2_of_ratio(ratio, 1)) - std::log2(static_cast<double>(ratio))) < 1e-8);
  }
  for (const double power : {-12.25, -1.0, -0.3, 0.0, 0.5, 1.0, 3.75, 10.1}) {
    const auto got = times_power_of_2(1'000'000'000, static_cast<Fixed>(power * static_cast<double>(kOne)));
    const double expected = 1e9 * std::exp2(power);
    CHECK(std::abs(static_cast<double>(got) - expected) < expected * 1e-7 + 2);
  }
}

TEST_CASE("distributions have the moments and percentiles that they are named for", "[sim][random]") {
  constexpr int kDraws = 200'000;
  Random random(7);
  SECTION("exponential: mean 1, median ln 2") {
    const auto drawn = sorted(kDraws, [&] { return as_double(random.exponential()); });
    CHECK(std::abs(mean(drawn) - 1) < 0.01);
    CHECK(std::abs(drawn[kDraws / 2] - std::log(2.0)) < 0.01);
  }
  SECTION("normal: mean 0, a deviation of 1, the 99th percentile at 2.3263") {
    const auto drawn = sorted(kDraws, [&] { return as_double(random.normal()); });
    CHECK(std::abs(mean(drawn)) < 0.01);
    CHECK(std::abs(drawn[kDraws / 100 * 99] - 2.3263) < 0.05);
    CHECK(std::abs(drawn[kDraws / 100 * 84] - 0.9945) < 0.02);
  }
  SECTION("a lognormal latency has its median and its 99th percentile") {
    const Latency latency{Latency::Shape::lognormal, std::chrono::milliseconds(400), std::chrono::seconds(3)};
    const auto drawn = sorted(kDraws, [&] { return static_cast<double>(random.draw(latency).count()) / 1e6; });
    CHECK(std::abs(drawn[kDraws / 2] - 400) < 8);
    CHECK(std::abs(drawn[kDraws / 100 * 99] - 3000) < 150);
  }
  SECTION("a uniform one lies within its bounds, and reaches them") {
    const Latency latency{Latency::Shape::uniform, Duration(10), Duration(12)};
    const auto drawn = sorted(1000, [&] { return static_cast<double>(random.draw(latency).count()); });
    CHECK(drawn.front() == 10);
    CHECK(drawn.back() == 12);
  }
  SECTION("a share happens as often as it says") {
    int happened = 0;
    for (int i = 0; i < kDraws; ++i) happened += random.happens(50'000) ? 1 : 0;
    CHECK(std::abs(happened - kDraws / 20) < kDraws / 400);
    CHECK(random.happens(kAll));
    CHECK_FALSE(random.happens(0));
  }
}
