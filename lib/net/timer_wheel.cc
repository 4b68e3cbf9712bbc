#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace gateway::net {
namespace {
constexpr std::uint64_t kLastTick = (std::uint64_t{1} << 42) - 1;
}

TimerWheel::TimerWheel(Timer& owner, TimePoint now) : owner_(owner), present_(tick_at(now)), floor_(present_) {}

TimerWheel::~TimerWheel() {
  const auto forget = [](Anchor& list) {
    while (!list.empty()) {
      Alarm& alarm = *list.hook.next;
      unlink(alarm);
      alarm.hook.owner = nullptr;
    }
  };
  for (auto& level : slots_) std::ranges::for_each(level, forget);
  forget(firing_);
}

std::uint64_t TimerWheel::tick_at(TimePoint now) {
  const auto ns = now.time_since_epoch().count();
  return ns <= 0 ? 0 : static_cast<std::uint64_t>(ns) >> kTickBits;
}

std::uint64_t TimerWheel::tick_after(TimePoint due) {
  const auto ns = due.time_since_epoch().count();
  if (ns <= 0) return 0;
  return std::min(kLastTick, (static_cast<std::uint64_t>(ns) + (std::uint64_t{1} << kTickBits) - 1) >> kTickBits);
}

TimePoint TimerWheel::time_of(std::uint64_t tick) {
  return TimePoint(Duration(static_cast<Duration::rep>(tick << kTickBits)));
}

void TimerWheel::append(Anchor& list, Alarm& alarm) {
  alarm.hook.prev = list.hook.prev;
  alarm.hook.next = &list;
  list.hook.prev->hook.next = &alarm;
  list.hook.prev = &alarm;
}

void TimerWheel::unlink(Alarm& alarm) {
  alarm.hook.prev->hook.next = alarm.hook.next;
  alarm.hook.next->hook.prev = alarm.hook.prev;
  alarm.hook.prev = alarm.hook.next = nullptr;
}

void TimerWheel::take_all(Anchor& from, Anchor& to) {
  if (from.empty()) return;
  Alarm* const head = from.hook.next;
  Alarm* const tail = from.hook.prev;
  from.hook.prev = from.hook.next = &from;
  head->hook.prev = to.hook.prev;
  to.hook.prev->hook.next = head;
  tail->hook.next = &to;
  to.hook.prev = tail;
}

void TimerWheel::arm(Alarm& alarm, TimePoint due) {
  if (alarm.hook.owner != nullptr) alarm.disarm();
  alarm.hook.owner = &owner_;
  alarm.hook.due = due;
  std::uint64_t tick = tick_after(due);
  if (tick <= floor_) {
    tick = floor_ + 1;
    alarm.hook.due = time_of(tick);
  }
  place(alarm, tick);
}

void TimerWheel::disarm(Alarm& alarm) {
  if (alarm.hook.owner != &owner_) return;
  unlink(alarm);
  alarm.hook.owner = nullptr;
}

void TimerWheel::place(Alarm& alarm, std::uint64_t tick) {
  const std::uint64_t differing = tick ^ present_;
  const auto top = differing == 0 ? 0U : static_cast<unsigned>(std::bit_width(differing)) - 1;
  const std::size_t level = std::min<std::size_t>(top / kDigitBits, kLevels - 1);
  const std::size_t slot = (tick >> (kDigitBits * level)) & (kSlots - 1);
  occupied_[level] |= std::uint64_t{1} << slot;
  append(slots_[level][slot], alarm);
}

// What lies on a lower level comes before all of the higher ones, and digits below the present one do not occur.
std::optional<TimerWheel::Place> TimerWheel::first() {
  for (std::size_t level = 0; level < kLevels; ++level) {
    while (occupied_[level] != 0) {
      const auto slot = static_cast<std::size_t>(std::countr_zero(occupied_[level]));
      if (slots_[level][slot].empty()) {
        occupied_[level] &= occupied_[level] - 1;
        continue;
      }
      const std::size_t shift = kDigitBits * level;
      const std::uint64_t above = present_ >> (shift + kDigitBits) << (shift + kDigitBits);
      return Place{above | static_cast<std::uint64_t>(slot) << shift, level, slot};
    }
  }
  return std::nullopt;
}

std::optional<TimePoint> TimerWheel::next() {
  const auto at = first();
  if (!at) return std::nullopt;
  return time_of(at->tick);
}

void TimerWheel::advance(TimePoint now) {
  const std::uint64_t target = tick_at(now);
  if (target <= present_) return;
  floor_ = target;
  for (auto at = first(); at && at->tick <= target; at = first()) {
    present_ = at->tick;
    occupied_[at->level] &= ~(std::uint64_t{1} << at->slot);
    take_all(slots_[at->level][at->slot], firing_);
    while (!firing_.empty()) {
      Alarm& alarm = *firing_.hook.next;
      unlink(alarm);
      if (at->level > 0) {
        place(alarm, std::max(tick_after(alarm.hook.due), present_));
        continue;
      }
      alarm.hook.owner = nullptr;
      alarm.on_alarm();
    }
  }
  present_ = target;
}

}  // namespace gateway::net
