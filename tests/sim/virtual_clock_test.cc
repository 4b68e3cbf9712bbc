#include "sim/play/virtual_clock.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "sim/play/random.h"
#include "support/catch.h"

using namespace gateway;
using sim::VirtualClock;

namespace {

struct Noting final : Alarm {
  Noting(std::vector<int>& order, int which) : order_(order), which_(which) {}
  void on_alarm() override { order_.push_back(which_); }
  std::vector<int>& order_;
  int which_;
};

}  // namespace

TEST_CASE("alarms are called by due time, those of one instant in the order of arming", "[sim][clock]") {
  VirtualClock clock(WallTime{});
  std::vector<int> order;
  Noting a(order, 1), b(order, 2), c(order, 3), d(order, 4);
  clock.arm(a, clock.at(Duration(20)));
  clock.arm(b, clock.at(Duration(10)));
  clock.arm(c, clock.at(Duration(20)));
  clock.arm(d, clock.at(Duration(20)));
  clock.disarm(c);
  CHECK_FALSE(clock.run_one());
  CHECK(clock.next_due() == clock.at(Duration(10)));
  clock.move_to(clock.at(Duration(25)));
  while (clock.run_one()) continue;
  CHECK(order == std::vector<int>{2, 1, 4});
  CHECK_FALSE(clock.next_due());
}

TEST_CASE("an alarm that is armed again moves, and one that is destroyed is gone", "[sim][clock]") {
  VirtualClock clock(WallTime{});
  std::vector<int> order;
  Noting a(order, 1);
  clock.arm(a, clock.at(Duration(5)));
  clock.arm(a, clock.at(Duration(50)));
  CHECK(clock.next_due() == clock.at(Duration(50)));
  {
    Noting b(order, 2);
    clock.arm(b, clock.at(Duration(1)));
  }
  CHECK(clock.next_due() == clock.at(Duration(50)));
}

TEST_CASE("any order of arming and disarming leaves the order of due times", "[sim][clock]") {
  sim::Random random(3);
  for (int round = 0; round < 50; ++round) {
    VirtualClock clock(WallTime{});
    std::vector<int> order;
    std::vector<std::unique_ptr<Noting>> alarms;
    std::vector<std::pair<std::int64_t, int>> expected;  // due, position in arming
    for (int i = 0; i < 40; ++i) alarms.push_back(std::make_unique<Noting>(order, i));
    for (int step = 0; step < 200; ++step) {
      const auto which = static_cast<std::size_t>(random.below(40));
      std::erase_if(expected, [&](const auto& each) { return each.second == static_cast<int>(which); });
      if (random.below(3) == 0) {
        clock.disarm(*alarms[which]);
      } else {
        const std::int64_t at = random.below(20);
        clock.arm(*alarms[which], clock.at(Duration(at)));
        expected.emplace_back(at, static_cast<int>(which));
      }
    }
    std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    clock.move_to(clock.at(Duration(100)));
    while (clock.run_one()) continue;
    std::vector<int> wanted;
    for (const auto& each : expected) wanted.push_back(each.second);
    REQUIRE(order == wanted);
  }
}
