#include "gateway/testing/manual_timer.h"

#include <algorithm>

namespace gateway::testing {

ManualTimer::~ManualTimer() {
  while (first_) disarm(*first_);
}

WallTime ManualTimer::wall() const { return wall_ + std::chrono::floor<std::chrono::microseconds>(now_ - wall_read_); }

TimePoint ManualTimer::tick() const {
  const TimePoint read = std::max(tick_, now_);
  tick_ = read + tick_step_;
  return read;
}

void ManualTimer::arm(Alarm& alarm, TimePoint due) {
  alarm.disarm();
  Alarm* before = nullptr;
  Alarm* behind = first_;
  while (behind && behind->hook.due <= due) before = behind, behind = behind->hook.next;
  alarm.hook = {this, before, behind, due};
  (before ? before->hook.next : first_) = &alarm;
  if (behind) behind->hook.prev = &alarm;
  ++armed_;
}

void ManualTimer::disarm(Alarm& alarm) {
  if (alarm.hook.owner != this) return;
  const Alarm::Hook hook = alarm.hook;
  (hook.prev ? hook.prev->hook.next : first_) = hook.next;
  if (hook.next) hook.next->hook.prev = hook.prev;
  alarm.hook = {};
  --armed_;
}

void ManualTimer::advance(Duration by) {
  const TimePoint end = now_ + by;
  while (first_ && first_->hook.due <= end) {
    Alarm& alarm = *first_;
    now_ = std::max(now_, alarm.hook.due);
    disarm(alarm);
    alarm.on_alarm();
  }
  now_ = std::max(now_, end);
}

void ManualTimer::set_wall(WallTime wall) {
  wall_ = wall;
  wall_read_ = now_;
}

std::optional<TimePoint> ManualTimer::next_due() const noexcept {
  if (!first_) return std::nullopt;
  return first_->hook.due;
}

}  // namespace gateway::testing
