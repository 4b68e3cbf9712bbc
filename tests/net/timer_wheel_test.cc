#include "net/timer_wheel.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

// Time that moves by hand, over a wheel.
struct WheelTimer final : Timer {
  TimePoint at{1'000'000s + 123'456'789ns};
  net::TimerWheel wheel{*this, at};

  TimePoint now() const override { return at; }
  WallTime wall() const override { return {}; }
  TimePoint tick() const override { return at; }
  void arm(Alarm& alarm, TimePoint due) override { wheel.arm(alarm, due); }
  void disarm(Alarm& alarm) override { wheel.disarm(alarm); }
  void advance(Duration by) { wheel.advance(at += by); }
  // As an event loop would: sleeps until the wheel says, at most until `end`.
  int sleep_until(TimePoint end) {
    int turns = 0;
    while (at < end) {
      const auto next = wheel.next();
      at = next ? std::min(end, std::max(*next, at)) : end;
      wheel.advance(at);
      ++turns;
    }
    return turns;
  }
};

struct Bell final : Alarm {
  std::function<void()> ring;
  int rung = 0;
  void on_alarm() override {
    ++rung;
    if (ring) ring();
  }
};

}  // namespace

TEST_CASE("an alarm rings once, never early, within a tick", "[net][timer_wheel]") {
  WheelTimer timer;
  const auto delay =
      GENERATE(Duration(1ns), Duration(1ms), Duration(2ms + 97152ns), Duration(133ms), Duration(134'217'728ns),
               Duration(9s), Duration(10min), Duration(5h), Duration(24h * 400));
  Bell bell;
  const TimePoint due = timer.at + delay;
  TimePoint rang{};
  bell.ring = [&] { rang = timer.at; };
  timer.arm(bell, due);
  const int turns = timer.sleep_until(due + 1s);
  CHECK(bell.rung == 1);
  CHECK(rang >= due);
  CHECK(rang <= due + 2'097'152ns);
  CHECK_FALSE(bell.armed());
  CHECK(turns <= 9);  // a far alarm costs a few turns, not one per tick
}

TEST_CASE("alarms ring in the order of their ticks also when time leaps over all of them", "[net][timer_wheel]") {
  WheelTimer timer;
  std::mt19937_64 random(7);
  std::vector<std::unique_ptr<Bell>> bells;
  std::vector<TimePoint> rang;
  for (int i = 0; i < 2000; ++i) {
    bells.push_back(std::make_unique<Bell>());
    Bell& bell = *bells.back();
    const TimePoint due = timer.at + Duration(random() % (1ULL << (10 + random() % 34)));
    bell.ring = [&rang, due] { rang.push_back(due); };
    timer.arm(bell, due);
  }
  timer.advance(24h);
  REQUIRE(rang.size() == 2000);
  for (std::size_t i = 1; i < rang.size(); ++i) REQUIRE(rang[i - 1] <= rang[i] + 2'097'152ns);
  CHECK_FALSE(timer.wheel.next());
}

TEST_CASE("what a wheel rings is what a sorted list would ring", "[net][timer_wheel]") {
  WheelTimer timer;
  std::mt19937_64 random(GENERATE(1U, 2U, 3U, 4U));
  std::vector<std::unique_ptr<Bell>> bells;
  std::vector<TimePoint> due(64);
  std::vector<int> wanted(64);
  for (int i = 0; i < 64; ++i) bells.push_back(std::make_unique<Bell>());
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t i = random() % bells.size();
    switch (random() % 4) {
      case 0:
      case 1:
        due[i] = timer.at + Duration(random() % (1ULL << (15 + random() % 25)));
        timer.arm(*bells[i], due[i]);
        break;
      case 2:
        timer.disarm(*bells[i]);
        break;
      default:
        timer.advance(Duration(random() % (1ULL << (10 + random() % 28))));
    }
    for (std::size_t k = 0; k < bells.size(); ++k) {
      if (bells[k]->rung != wanted[k]) {
        REQUIRE(bells[k]->rung == wanted[k] + 1);
        REQUIRE(due[k] <= timer.at);
        wanted[k] = bells[k]->rung;
      }
      if (bells[k]->armed()) REQUIRE(timer.at < due[k] + 2'097'152ns + 2'097'152ns);
    }
  }
}

TEST_CASE("an alarm may re-arm, disarm and destroy alarms while it rings", "[net][timer_wheel]") {
  WheelTimer timer;
  Bell repeating, victim;
  auto doomed = std::make_unique<Bell>();
  auto self = std::make_unique<Bell>();
  repeating.ring = [&] {
    timer.arm(repeating, timer.now());  // due at once: in the next turn, not in this one
    victim.disarm();
    doomed.reset();
  };
  self->ring = [&] { self.reset(); };
  timer.arm(repeating, timer.at + 5ms);
  timer.arm(victim, timer.at + 5ms);
  timer.arm(*doomed, timer.at + 5ms);
  timer.arm(*self, timer.at + 5ms);
  timer.advance(10s);
  CHECK(repeating.rung == 1);
  CHECK(victim.rung == 0);
  CHECK(self == nullptr);
  timer.advance(10ms);
  CHECK(repeating.rung == 2);
  repeating.disarm();
  timer.advance(1h);
  CHECK(repeating.rung == 2);
  CHECK_FALSE(timer.wheel.next());
}

TEST_CASE("arming an armed alarm moves it", "[net][timer_wheel]") {
  WheelTimer timer;
  Bell bell;
  timer.arm(bell, timer.at + 1h);
  timer.arm(bell, timer.at + 5ms);
  timer.advance(10ms);
  CHECK(bell.rung == 1);
  timer.arm(bell, timer.at + 5ms);
  timer.arm(bell, timer.at + 1h);
  timer.advance(1min);
  CHECK(bell.rung == 1);
}

TEST_CASE("the latest time there is can be armed, and the past", "[net][timer_wheel]") {
  WheelTimer timer;
  Bell never, past;
  timer.arm(never, TimePoint::max());
  timer.arm(past, TimePoint::min());
  timer.advance(3ms);
  CHECK(past.rung == 1);
  timer.advance(24h * 365 * 100);
  CHECK(never.rung == 0);
  CHECK(never.armed());
}

TEST_CASE("alarms outlive their wheel", "[net][timer_wheel]") {
  Bell bell;
  {
    WheelTimer timer;
    timer.arm(bell, timer.at + 1h);
  }
  CHECK_FALSE(bell.armed());
}
