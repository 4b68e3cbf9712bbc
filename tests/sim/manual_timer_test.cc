#include "gateway/testing/manual_timer.h"

#include <functional>
#include <memory>
#include <string>

#include "support/catch.h"

using namespace gateway;
using gateway::testing::ManualTimer;
using namespace std::chrono_literals;

namespace {

struct Calling final : Alarm {
  explicit Calling(std::function<void()> what) : call(std::move(what)) {}
  void on_alarm() override {
    const auto kept = call;  // the alarm may die in it
    kept();
  }
  std::function<void()> call;
};

}  // namespace

TEST_CASE("alarms fire once, in the order of their due times and then of arming", "[testing][manual_timer]") {
  ManualTimer timer;
  const TimePoint start = timer.now();
  std::string order;
  Calling a([&] { order += 'a'; }), b([&] { order += 'b'; }), c([&] { order += 'c'; }), d([&] { order += 'd'; });
  timer.arm(a, start + 3s);
  timer.arm(b, start + 1s);
  timer.arm(c, start + 3s);
  timer.arm(d, start + 5s);
  CHECK(timer.next_due() == start + 1s);
  timer.advance(3s);
  CHECK(order == "bac");
  CHECK(timer.armed() == 1);
  timer.advance(10s);
  CHECK(order == "bacd");
  timer.advance(10s);
  CHECK(order == "bacd");
  CHECK_FALSE(timer.next_due());
}

TEST_CASE("an alarm sees the time at which it was due", "[testing][manual_timer]") {
  ManualTimer timer;
  const TimePoint start = timer.now();
  const WallTime wall = timer.wall();
  Calling alarm([&] {
    CHECK(timer.now() == start + 2s);
    CHECK(timer.wall() == wall + 2s);
  });
  timer.arm(alarm, start + 2s);
  timer.advance(1min);
  CHECK(timer.now() == start + 1min);
  CHECK(timer.wall() == wall + 1min);
}

TEST_CASE("an alarm that is armed again is moved", "[testing][manual_timer]") {
  ManualTimer timer;
  int fired = 0;
  Calling alarm([&] { ++fired; });
  timer.arm(alarm, timer.now() + 1s);
  timer.arm(alarm, timer.now() + 5s);
  CHECK(timer.armed() == 1);
  timer.advance(2s);
  CHECK(fired == 0);
  timer.advance(3s);
  CHECK(fired == 1);
}

TEST_CASE("inside its call an alarm may arm itself, disarm others, or die", "[testing][manual_timer]") {
  ManualTimer timer;
  int ticks = 0;
  Calling* self = nullptr;
  Calling every([&] {
    ++ticks;
    timer.arm(*self, timer.now() + 1s);
  });
  self = &every;
  timer.arm(every, timer.now() + 1s);
  timer.advance(10s);
  CHECK(ticks == 10);
  every.disarm();

  int fired = 0;
  auto victim = std::make_unique<Calling>([&] { ++fired; });
  Calling killer([&] { victim.reset(); });
  timer.arm(killer, timer.now() + 1s);
  timer.arm(*victim, timer.now() + 1s);
  timer.advance(1s);
  CHECK(fired == 0);

  std::unique_ptr<Calling> suicide;
  suicide = std::make_unique<Calling>([&] { suicide.reset(); });
  timer.arm(*suicide, timer.now());
  timer.advance(0s);
  CHECK(suicide == nullptr);
  CHECK(timer.armed() == 0);
}

TEST_CASE("an alarm may outlive its timer", "[testing][manual_timer]") {
  Calling alarm([] {});
  {
    ManualTimer timer;
    timer.arm(alarm, timer.now() + 1s);
  }
  CHECK_FALSE(alarm.armed());
}

TEST_CASE("the calendar jumps alone", "[testing][manual_timer]") {
  ManualTimer timer;
  const TimePoint now = timer.now();
  const WallTime yesterday = timer.wall() - 24h;
  timer.set_wall(yesterday);
  CHECK(timer.now() == now);
  CHECK(timer.wall() == yesterday);
  timer.advance(1s);
  CHECK(timer.wall() == yesterday + 1s);
}

TEST_CASE("ticks stand still until they are set to move", "[testing][manual_timer]") {
  ManualTimer timer;
  CHECK(timer.tick() == timer.now());
  CHECK(timer.tick() == timer.now());
  timer.set_tick_step(3us);
  const TimePoint first = timer.tick();
  CHECK(timer.tick() - first == 3us);
  timer.advance(1s);
  CHECK(timer.tick() >= timer.now());
}
