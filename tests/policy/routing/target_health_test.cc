#include "policy/routing/target_health.h"

#include <atomic>
#include <thread>
#include <vector>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

using State = TargetHealth::State;
const TimePoint kStart{1h};
const TargetHealth::Pass kOrdinary{true, 0};  // of an attempt before it opened

// One that failures have just opened at kStart.
void trip(TargetHealth& health) {
  for (int i = 0; i < 5; ++i) health.on_failure(kOrdinary, kStart);
}

constexpr auto kBusy = TargetHealth::Cooling::rate_limited;

}  // namespace

TEST_CASE("a target is closed until enough failures in a row", "[policy][target_health]") {
  TargetHealth health;
  for (int i = 0; i < 4; ++i) health.on_failure(kOrdinary, kStart);
  REQUIRE(health.admits(kStart));
  health.on_success();
  for (int i = 0; i < 4; ++i) health.on_failure(kOrdinary, kStart);
  REQUIRE(health.state(kStart) == State::closed);
  health.on_failure(kOrdinary, kStart);
  REQUIRE(health.state(kStart) == State::open);
  REQUIRE_FALSE(health.admits(kStart));
  REQUIRE_FALSE(health.admits(kStart + 9'999ms));
}

TEST_CASE("when it has been open long enough one probe at a time is admitted", "[policy][target_health]") {
  TargetHealth health;
  trip(health);
  const TimePoint later = kStart + 10s;
  REQUIRE(health.state(later) == State::half_open);
  TargetHealth::Pass probe = health.admits(later);
  REQUIRE(probe);
  REQUIRE_FALSE(health.admits(later));

  SECTION("that succeeds: closed") {
    health.on_success();
    REQUIRE(health.state(later) == State::closed);
    REQUIRE(health.admits(later));
    REQUIRE(health.admits(later));
  }
  SECTION("that is cancelled: another may probe") {
    health.on_cancelled(probe);
    REQUIRE(health.admits(later));
    REQUIRE_FALSE(health.admits(later));
  }
  SECTION("that fails: open for twice as long, and so on up to a minute") {
    TimePoint now = later;
    for (const auto length : {20s, 40s, 60s, 60s}) {
      health.on_failure(probe, now);
      REQUIRE(health.state(now) == State::open);
      REQUIRE_FALSE(health.admits(now + length - 1ms));
      now += length;
      probe = health.admits(now);
      REQUIRE(probe);
      REQUIRE_FALSE(health.admits(now));
    }
    health.on_success();
    trip(health);
    REQUIRE(health.state(kStart + 10s) == State::half_open);
  }
  SECTION("that is told to slow down: it cools, and is probed again") {
    health.on_cooling(probe, later, kBusy, 5s);
    REQUIRE_FALSE(health.admits(later + 4s));
    REQUIRE(health.state(later + 5s) == State::half_open);
    REQUIRE(health.admits(later + 5s));
    REQUIRE_FALSE(health.admits(later + 5s));
  }
}

TEST_CASE("failures of attempts that were under way when it opened do not prolong it", "[policy][target_health]") {
  TargetHealth health;
  trip(health);
  for (int i = 0; i < 50; ++i) health.on_failure(kOrdinary, kStart + 5s);
  REQUIRE(health.state(kStart + 10s) == State::half_open);
}

TEST_CASE("only the probe itself frees its place and judges the target", "[policy][target_health]") {
  TargetHealth health;
  trip(health);
  const TimePoint later = kStart + 10s;
  const TargetHealth::Pass probe = health.admits(later);
  REQUIRE(probe);

  SECTION("not an older attempt, whatever becomes of it but success") {
    health.on_cancelled(kOrdinary);
    REQUIRE_FALSE(health.admits(later));
    health.on_cooling(kOrdinary, later, kBusy, 1ms);
    REQUIRE_FALSE(health.admits(later + 1s));
    health.on_failure(kOrdinary, later);
    REQUIRE(health.state(later) == State::half_open);
  }
  SECTION("not an earlier probe") {
    health.on_success();  // of an older attempt
    for (int i = 0; i < 5; ++i) health.on_failure(kOrdinary, later);
    const TargetHealth::Pass next = health.admits(later + 10s);
    REQUIRE(next);
    health.on_cancelled(probe);
    REQUIRE_FALSE(health.admits(later + 10s));
    health.on_failure(probe, later + 10s);
    REQUIRE(health.state(later + 10s) == State::half_open);
    health.on_cancelled(next);
    REQUIRE(health.admits(later + 10s));
  }
}

TEST_CASE("a 429 cools for as long as asked, else for the default, without opening", "[policy][target_health]") {
  TargetHealth health;
  for (int i = 0; i < 100; ++i) health.on_cooling(kOrdinary, kStart, kBusy, std::nullopt);
  REQUIRE(health.state(kStart) == State::closed);
  REQUIRE(health.cooling(kStart) == 2s);
  REQUIRE_FALSE(health.admits(kStart + 1'999ms));
  REQUIRE(health.admits(kStart + 2s));
  health.on_cooling(kOrdinary, kStart, kBusy, 30s);
  health.on_cooling(kOrdinary, kStart, kBusy, 1s);  // the longer one stays
  REQUIRE(health.cooling(kStart + 10s) == 20s);
  REQUIRE(health.cooling(kStart + 31s) == Duration{0});
  health.on_success();
  REQUIRE_FALSE(health.admits(kStart + 10s));
}

TEST_CASE("its options count", "[policy][target_health]") {
  TargetHealth health({1, 90s, 1s});
  health.on_failure(kOrdinary, kStart);
  REQUIRE_FALSE(health.admits(kStart + 89s));
  const TargetHealth::Pass probe = health.admits(kStart + 90s);
  REQUIRE(probe);
  health.on_failure(probe, kStart + 90s);  // longer than a minute from the start: not doubled, not cut
  REQUIRE_FALSE(health.admits(kStart + 179s));
  REQUIRE(health.admits(kStart + 180s));
}

TEST_CASE("of many threads one gets to probe", "[policy][target_health][threads]") {
  for (int round = 0; round < 50; ++round) {
    TargetHealth health;
    trip(health);
    std::atomic<int> probes{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        if (health.admits(kStart + 10s)) ++probes;
      });
    }
    for (auto& thread : threads) thread.join();
    REQUIRE(probes == 1);
  }
}

TEST_CASE("a long cooling is believed for a minute, then one probe at a time asks again", "[policy][health]") {
  TargetHealth health;
  health.on_cooling(kOrdinary, kStart, kBusy, 24h);
  CHECK_FALSE(health.admits(kStart + 59s));
  CHECK(health.usable_from(kStart) == kStart + 60s);
  const auto later = kStart + 61s;
  const TargetHealth::Pass probe = health.admits(later);
  CHECK(probe);
  CHECK_FALSE(health.admits(later));
  SECTION("a success ends it") {
    health.on_success();
    CHECK(health.admits(later));
    CHECK(health.admits(later));
  }
  SECTION("a failure lets the next one probe") {
    health.on_failure(probe, later);
    CHECK(health.admits(later));
    CHECK_FALSE(health.admits(later));
  }
  SECTION("the same answer again is another minute") {
    health.on_cooling(probe, later, kBusy, 24h);
    CHECK_FALSE(health.admits(later + 59s));
    CHECK(health.admits(later + 60s));
  }
}

TEST_CASE("a target says from when it may be used, and why it cools", "[policy][health]") {
  TargetHealth health;
  CHECK(health.usable_from(kStart) == kStart);
  health.on_cooling(kOrdinary, kStart, TargetHealth::Cooling::credentials, 30s);
  CHECK(health.usable_from(kStart + 1s) == kStart + 30s);
  CHECK(health.why_cooling() == TargetHealth::Cooling::credentials);
  for (int i = 0; i < 5; ++i) health.on_failure(kOrdinary, kStart + 25s);
  CHECK(health.usable_from(kStart + 26s) == kStart + 35s);
}
