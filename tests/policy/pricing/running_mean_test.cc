#include "policy/pricing/running_mean.h"

#include <thread>
#include <vector>

#include "support/catch.h"

using namespace gateway;

TEST_CASE("there is no mean before the first value, which then is the mean", "[policy][running_mean]") {
  RunningMean mean;
  REQUIRE(mean.value_or(256) == 256);
  mean.add(1000);
  REQUIRE(mean.value_or(256) == 1000);
  RunningMean zero;
  zero.add(0);
  REQUIRE(zero.value_or(256) == 0);
}

TEST_CASE("equal values keep it where it is, new ones move it by a sixteenth", "[policy][running_mean]") {
  RunningMean mean;
  for (int i = 0; i < 100; ++i) mean.add(777);
  REQUIRE(mean.value_or(0) == 777);
  mean.add(777 + 160);
  REQUIRE(mean.value_or(0) == 787);
}

TEST_CASE("it comes to a new level from above and from below", "[policy][running_mean]") {
  RunningMean mean;
  mean.add(1'000'000);
  for (int i = 0; i < 400; ++i) mean.add(10);
  REQUIRE(mean.value_or(0) == 10);
  for (int i = 0; i < 400; ++i) mean.add(5000);
  REQUIRE(mean.value_or(0) == 5000);
}

TEST_CASE("absurd values neither wrap nor go below zero", "[policy][running_mean]") {
  RunningMean mean;
  for (int i = 0; i < 100; ++i) mean.add(INT64_MAX);
  REQUIRE(mean.value_or(0) > 0);
  for (int i = 0; i < 2000; ++i) mean.add(INT64_MIN);
  REQUIRE(mean.value_or(-1) == 0);
}

TEST_CASE("threads that add within a range leave it within the range", "[policy][running_mean][threads]") {
  RunningMean mean;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&mean, t] {
      for (int i = 0; i < 5000; ++i) mean.add(100 + (i + t) % 100);
    });
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(mean.value_or(0) >= 100);
  REQUIRE(mean.value_or(0) <= 199);
}
