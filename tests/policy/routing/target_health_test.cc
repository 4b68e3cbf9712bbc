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
const int kProjects[4] = {};
const ProjectMark kOne = &kProjects[0], kTwo = &kProjects[1], kThree = &kProjects[2];
const TargetHealth::Pass kOrdinary{true, 0, kOne};  // of an attempt before it opened

// One that failures have just opened at kStart.
void trip(TargetHealth& health) {
  for (int i = 0; i < 5; ++i) health.on_failure(kOrdinary, kStart);
}

constexpr auto kBusy = TargetHealth::Cooling::rate_limited;

}  // namespace

TEST_CASE("a target is closed until enough failures in a row", "[policy][target_health]") {
  TargetHealth health;
  for (int i = 0; i < 4; ++i) health.on_failure(kOrdinary, kStart);
  REQUIRE(health.admits(kStart, kOne));
  health.on_success();
  for (int i = 0; i < 4; ++i) health.on_failure(kOrdinary, kStart);
  REQUIRE(health.state(kStart, kOne) == State::closed);
  health.on_failure(kOrdinary, kStart);
  REQUIRE(health.state(kStart, kOne) == State::open);
  REQUIRE_FALSE(health.admits(kStart, kOne));
  REQUIRE_FALSE(health.admits(kStart + 9'999ms, kOne));
}

TEST_CASE("when it has been open long enough one probe at a time is admitted", "[policy][target_health]") {
  TargetHealth health;
  trip(health);
  const TimePoint later = kStart + 10s;
  REQUIRE(health.state(later, kOne) == State::half_open);
  TargetHealth::Pass probe = health.admits(later, kOne);
  REQUIRE(probe);
  REQUIRE_FALSE(health.admits(later, kOne));

  SECTION("that succeeds: closed") {
    health.on_success();
    REQUIRE(health.state(later, kOne) == State::closed);
    REQUIRE(health.admits(later, kOne));
    REQUIRE(health.admits(later, kOne));
  }
  SECTION("that is cancelled: another may probe") {
    health.on_cancelled(probe);
    REQUIRE(health.admits(later, kOne));
    REQUIRE_FALSE(health.admits(later, kOne));
  }
  SECTION("that fails: open for twice as long, and so on up to a minute") {
    TimePoint now = later;
    for (const auto length : {20s, 40s, 60s, 60s}) {
      health.on_failure(probe, now);
      REQUIRE(health.state(now, kOne) == State::open);
      REQUIRE_FALSE(health.admits(now + length - 1ms, kOne));
      now += length;
      probe = health.admits(now, kOne);
      REQUIRE(probe);
      REQUIRE_FALSE(health.admits(now, kOne));
    }
    health.on_success();
    trip(health);
    REQUIRE(health.state(kStart + 10s, kOne) == State::half_open);
  }
  SECTION("that answers 429: it cools, and is probed again") {
    health.on_cooling(probe, later, kBusy, 5s);
    REQUIRE_FALSE(health.admits(later + 4s, kOne));
    REQUIRE(health.state(later + 5s, kOne) == State::half_open);
    REQUIRE(health.admits(later + 5s, kOne));
    REQUIRE_FALSE(health.admits(later + 5s, kOne));
  }
}

TEST_CASE("failures of attempts that were under way when it opened do not prolong it", "[policy][target_health]") {
  TargetHealth health;
  trip(health);
  for (int i = 0; i < 50; ++i) health.on_failure(kOrdinary, kStart + 5s);
  REQUIRE(health.state(kStart + 10s, kOne) == State::half_open);
}

TEST_CASE("only the probe itself frees its place and judges the target", "[policy][target_health]") {
  TargetHealth health;
  trip(health);
  const TimePoint later = kStart + 10s;
  const TargetHealth::Pass probe = health.admits(later, kOne);
  REQUIRE(probe);

  SECTION("not an older attempt, whatever becomes of it but success") {
    health.on_cancelled(kOrdinary);
    REQUIRE_FALSE(health.admits(later, kOne));
    health.on_cooling(kOrdinary, later, kBusy, 1ms);
    REQUIRE_FALSE(health.admits(later + 1s, kOne));
    health.on_failure(kOrdinary, later);
    REQUIRE(health.state(later, kOne) == State::half_open);
  }
  SECTION("not an earlier probe") {
    health.on_success();  // of an older attempt
    for (int i = 0; i < 5; ++i) health.on_failure(kOrdinary, later);
    const TargetHealth::Pass next = health.admits(later + 10s, kOne);
    REQUIRE(next);
    health.on_cancelled(probe);
    REQUIRE_FALSE(health.admits(later + 10s, kOne));
    health.on_failure(probe, later + 10s);
    REQUIRE(health.state(later + 10s, kOne) == State::half_open);
    health.on_cancelled(next);
    REQUIRE(health.admits(later + 10s, kOne));
  }
}

TEST_CASE("a 429 cools for as long as requested, else for the default, without opening", "[policy][target_health]") {
  TargetHealth health;
  for (int i = 0; i < 100; ++i) health.on_cooling(kOrdinary, kStart, kBusy, std::nullopt);
  REQUIRE(health.state(kStart, kOne) == State::closed);
  REQUIRE(health.cooling(kStart) == 2s);
  REQUIRE_FALSE(health.admits(kStart + 1'999ms, kOne));
  REQUIRE(health.admits(kStart + 2s, kOne));
  health.on_cooling(kOrdinary, kStart, kBusy, 30s);
  health.on_cooling(kOrdinary, kStart, kBusy, 1s);  // the longer one stays
  REQUIRE(health.cooling(kStart + 10s) == 20s);
  REQUIRE(health.cooling(kStart + 31s) == Duration{0});
  health.on_success();
  REQUIRE_FALSE(health.admits(kStart + 10s, kOne));
}

TEST_CASE("its options count", "[policy][target_health]") {
  TargetHealth health({1, 90s, 1s});
  health.on_failure(kOrdinary, kStart);
  REQUIRE_FALSE(health.admits(kStart + 89s, kOne));
  const TargetHealth::Pass probe = health.admits(kStart + 90s, kOne);
  REQUIRE(probe);
  health.on_failure(probe, kStart + 90s);  // longer than a minute from the start: not doubled, not cut
  REQUIRE_FALSE(health.admits(kStart + 179s, kOne));
  REQUIRE(health.admits(kStart + 180s, kOne));
}

TEST_CASE("of many threads one gets to probe", "[policy][target_health][threads]") {
  for (int round = 0; round < 50; ++round) {
    TargetHealth health;
    trip(health);
    std::atomic<int> probes{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        if (health.admits(kStart + 10s, kOne)) ++probes;
      });
    }
    for (auto& thread : threads) thread.join();
    REQUIRE(probes == 1);
  }
}

TEST_CASE("a long cooling is believed for a minute, then one probe at a time tries again", "[policy][health]") {
  TargetHealth health;
  health.on_cooling(kOrdinary, kStart, kBusy, 24h);
  CHECK_FALSE(health.admits(kStart + 59s, kOne));
  CHECK(health.usable_from(kStart, kOne) == kStart + 60s);
  const auto later = kStart + 61s;
  const TargetHealth::Pass probe = health.admits(later, kOne);
  CHECK(probe);
  CHECK_FALSE(health.admits(later, kOne));
  SECTION("a success ends it") {
    health.on_success();
    CHECK(health.admits(later, kOne));
    CHECK(health.admits(later, kOne));
  }
  SECTION("a failure lets the next one probe") {
    health.on_failure(probe, later);
    CHECK(health.admits(later, kOne));
    CHECK_FALSE(health.admits(later, kOne));
  }
  SECTION("the same answer again is another minute") {
    health.on_cooling(probe, later, kBusy, 24h);
    CHECK_FALSE(health.admits(later + 59s, kOne));
    CHECK(health.admits(later + 60s, kOne));
  }
}

TEST_CASE("a target reports from when it may be used, and why it cools", "[policy][health]") {
  TargetHealth health;
  CHECK(health.usable_from(kStart, kOne) == kStart);
  health.on_cooling(kOrdinary, kStart, TargetHealth::Cooling::credentials, 30s);
  CHECK(health.usable_from(kStart + 1s, kOne) == kStart + 30s);
  CHECK(health.why_cooling() == TargetHealth::Cooling::credentials);
  for (int i = 0; i < 5; ++i) health.on_failure(kOrdinary, kStart + 25s);
  CHECK(health.usable_from(kStart + 26s, kOne) == kStart + 35s);
}

TEST_CASE("one project's failures shut a target to that project alone", "[policy][health]") {
  TargetHealth health;
  for (int i = 0; i < 30; ++i) health.on_failure({true, 0, kOne}, kStart);
  CHECK_FALSE(health.admits(kStart, kOne));
  CHECK(health.usable_from(kStart, kOne) == kStart + 10s);
  CHECK(health.usable_from(kStart, kTwo) == kStart);
  CHECK(health.worst_state(kStart) == State::open);
  for (int i = 0; i < 3; ++i) CHECK(health.admits(kStart, kTwo));
  SECTION("one failure of another's changes nothing") {
    health.on_failure({true, 0, kTwo}, kStart);
    CHECK(health.admits(kStart, kTwo));
    CHECK(health.admits(kStart, kThree));
  }
  SECTION("two do, unless a success comes between") {
    health.on_failure({true, 0, kTwo}, kStart);
    const bool succeeds = GENERATE(false, true);
    if (succeeds) health.on_success();
    health.on_failure({true, 0, kTwo}, kStart);
    CHECK(bool(health.admits(kStart, kTwo)) == succeeds);
    CHECK(bool(health.admits(kStart, kThree)) == succeeds);
    CHECK(bool(health.admits(kStart, kOne)) == succeeds);
  }
  SECTION("its failed probes shut it to that project for longer, not to others") {
    const TargetHealth::Pass probe = health.admits(kStart + 10s, kOne);
    REQUIRE(probe.probe != 0);
    health.on_failure(probe, kStart + 10s);
    CHECK_FALSE(health.admits(kStart + 29s, kOne));
    CHECK(health.admits(kStart + 10s, kTwo));
    CHECK(health.admits(kStart + 10s, kTwo));
  }
}

TEST_CASE("failures of several projects shut a target to everybody at once", "[policy][health]") {
  struct Case {
    std::vector<int> failures;  // whose
  };
  for (const Case& each : {Case{{0, 0, 0, 1, 1}}, Case{{1, 0, 0, 0, 0, 0, 0, 1}}, Case{{0, 1, 2, 0, 1}},
                           Case{{0, 0, 0, 1, 2}}, Case{{0, 1, 0, 1, 0}}}) {
    TargetHealth health;
    for (std::size_t i = 0; i < each.failures.size(); ++i) {
      CHECK(health.admits(kStart, kThree));
      health.on_failure({true, 0, &kProjects[each.failures[i]]}, kStart);
    }
    for (const int& project : kProjects) CHECK_FALSE(health.admits(kStart, &project));
    CHECK(health.usable_from(kStart, &kProjects[3]) == kStart + 10s);
  }
}

TEST_CASE("a probe that fails keeps the target shut to its project, and another's to everybody", "[policy][health]") {
  TargetHealth health;
  for (int i = 0; i < 5; ++i) health.on_failure({true, 0, i % 2 == 0 ? kOne : kTwo}, kStart);
  const TimePoint later = kStart + 10s;
  const TargetHealth::Pass first = health.admits(later, kOne);
  REQUIRE(first.probe != 0);
  CHECK_FALSE(health.admits(later, kTwo));
  health.on_failure(first, later);
  CHECK_FALSE(health.admits(later, kOne));
  CHECK_FALSE(health.admits(later + 19s, kOne));
  const TargetHealth::Pass second = health.admits(later, kTwo);
  REQUIRE(second.probe != 0);
  CHECK_FALSE(health.admits(later, kThree));  // one at a time
  SECTION("both failed") {
    health.on_failure(second, later);
    CHECK_FALSE(health.admits(later + 19s, kThree));
    CHECK(health.admits(later + 20s, kThree));
  }
  SECTION("the other succeeds") {
    health.on_success();
    for (const ProjectMark project : {kOne, kTwo, kThree}) CHECK(health.admits(later, project));
  }
}

TEST_CASE("a probe that takes long does not keep others waiting", "[policy][health]") {
  TargetHealth health;
  trip(health);
  const TargetHealth::Pass slow = health.admits(kStart + 10s, kOne);
  REQUIRE(slow.probe != 0);
  CHECK_FALSE(health.admits(kStart + 19s, kOne));
  const TargetHealth::Pass next = health.admits(kStart + 20s, kOne);
  REQUIRE(next.probe != 0);
  CHECK_FALSE(health.admits(kStart + 20s, kOne));
  health.on_failure(slow, kStart + 21s);  // says nothing any more
  CHECK(health.state(kStart + 21s, kOne) == State::half_open);
  health.on_failure(next, kStart + 21s);
  CHECK(health.state(kStart + 21s, kOne) == State::open);
}

TEST_CASE("failures of many threads and projects leave it open or closed, and it recovers",
          "[policy][health][threads]") {
  TargetHealth health;
  std::vector<std::thread> threads;
  for (const int& project : kProjects) {
    threads.emplace_back([&health, &project] {
      for (int i = 0; i < 2000; ++i) {
        const TimePoint now = kStart + std::chrono::seconds(i);
        const TargetHealth::Pass pass = health.admits(now, &project);
        if (!pass) continue;
        if (i % 7 == 0) {
          health.on_success();
        } else {
          health.on_failure(pass, now);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  health.on_success();
  for (const int& project : kProjects) CHECK(health.admits(kStart, &project));
}
