#include "gateway/timer.h"

#include <vector>

#include "gateway/testing/manual_timer.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

struct Counting final : Alarm {
  void on_alarm() override { ++fired; }
  int fired = 0;
};

}  // namespace

TEST_CASE("an armed alarm that dies is disarmed", "[base][timer]") {
  testing::ManualTimer timer;
  {
    Counting alarm;
    timer.arm(alarm, timer.now() + 1s);
    CHECK(alarm.armed());
    CHECK(timer.armed() == 1);
  }
  CHECK(timer.armed() == 0);
  timer.advance(2s);
}

TEST_CASE("a disarmed alarm does not fire, and may be disarmed again", "[base][timer]") {
  testing::ManualTimer timer;
  Counting alarm;
  timer.arm(alarm, timer.now() + 1s);
  alarm.disarm();
  alarm.disarm();
  CHECK_FALSE(alarm.armed());
  timer.advance(2s);
  CHECK(alarm.fired == 0);
}
