#include "sim/play/virtual_clock.h"

#include <algorithm>

namespace gateway::sim {

VirtualClock::~VirtualClock() {
  while (!instants_.empty()) disarm(*instants_.begin()->second.first);
}

void VirtualClock::arm(Alarm& alarm, TimePoint due) {
  alarm.disarm();
  auto place = instants_.lower_bound(due);
  if (place == instants_.end() || place->first != due) {
    if (spare_.empty()) {
      place = instants_.emplace_hint(place, due, Instant{});
    } else {
      Instants::node_type node = std::move(spare_.back());
      spare_.pop_back();
      node.key() = due;
      node.mapped() = {};
      place = instants_.insert(place, std::move(node));
    }
  }
  Instant& instant = place->second;
  alarm.hook = {this, instant.last, nullptr, due};
  (instant.last != nullptr ? instant.last->hook.next : instant.first) = &alarm;
  instant.last = &alarm;
}

void VirtualClock::disarm(Alarm& alarm) {
  if (alarm.hook.owner != this) return;
  const Alarm::Hook hook = alarm.hook;
  const auto place = instants_.find(hook.due);
  Instant& instant = place->second;
  (hook.prev != nullptr ? hook.prev->hook.next : instant.first) = hook.next;
  (hook.next != nullptr ? hook.next->hook.prev : instant.last) = hook.prev;
  alarm.hook = {};
  if (instant.first == nullptr) spare_.push_back(instants_.extract(place));
}

std::optional<TimePoint> VirtualClock::next_due() const {
  if (instants_.empty()) return std::nullopt;
  return std::max(now_, instants_.begin()->first);
}

bool VirtualClock::run_one() {
  if (instants_.empty() || instants_.begin()->first > now_) return false;
  Alarm& alarm = *instants_.begin()->second.first;
  disarm(alarm);
  alarm.on_alarm();
  return true;
}

}  // namespace gateway::sim
