// A hierarchical timer wheel: arming and disarming in constant time, without allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gateway/timer.h"

namespace gateway::net {

// Seven levels of 64 slots. A slot of level 0 is one tick of 2^21 ns (2.1 ms), a slot of the next is 64 of those, and
// so on: together they reach beyond any TimePoint. An alarm lies on the lowest level on which it and the present share
// all higher digits (base 64, counted in ticks), and moves down as its time comes near.
class TimerWheel {
 public:
  // `owner` goes into the hook of every alarm.
  TimerWheel(Timer& owner, TimePoint now);
  ~TimerWheel();  // disarms all
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  void arm(Alarm& alarm, TimePoint due);
  void disarm(Alarm& alarm);

  // Calls every alarm that is due at `now`, none early, in the order of their ticks. What is armed meanwhile waits for
  // the next advance, also when it is due. Not to be called from within an alarm.
  void advance(TimePoint now);
  // When advance() has something to do next; never after the first alarm may be called.
  std::optional<TimePoint> next();

 private:
  static constexpr unsigned kTickBits = 21;
  static constexpr unsigned kDigitBits = 6;
  static constexpr std::size_t kLevels = 7;
  static constexpr std::size_t kSlots = std::size_t{1} << kDigitBits;

  // The head of a circular list of alarms.
  struct Anchor final : Alarm {
    Anchor() { hook.prev = hook.next = this; }
    void on_alarm() override {}
    bool empty() const { return hook.next == this; }
  };
  struct Place {
    std::uint64_t tick;
    std::size_t level, slot;
  };

  static std::uint64_t tick_after(TimePoint due);
  static std::uint64_t tick_at(TimePoint now);
  static TimePoint time_of(std::uint64_t tick);
  static void append(Anchor& list, Alarm& alarm);
  static void unlink(Alarm& alarm);
  static void take_all(Anchor& from, Anchor& to);

  void place(Alarm& alarm, std::uint64_t tick);
  std::optional<Place> first();

  Timer& owner_;
  std::uint64_t present_;                          // the tick up to which slots were emptied
  std::uint64_t floor_;                            // alarms are armed for later ticks than this one
  std::array<std::uint64_t, kLevels> occupied_{};  // a bit a slot; may be set for an empty one
  std::array<std::array<Anchor, kSlots>, kLevels> slots_;
  Anchor firing_;
};

}  // namespace gateway::net
