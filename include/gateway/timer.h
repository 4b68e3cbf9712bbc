// The seam to time. Production has a timer wheel in an event loop, tests a clock that they move by hand.
#pragma once

#include "gateway/time.h"

namespace gateway {

class Timer;

/// Something that is to happen later. Intrusive: arming allocates nothing. Lives on one thread, that of its Timer.
/// Destroying an armed Alarm disarms it; it may be destroyed or re-armed inside its own on_alarm().
class Alarm {
 public:
  /// For implementations of Timer alone.
  struct Hook {
    Timer* owner = nullptr;  ///< null while not armed
    Alarm* prev = nullptr;
    Alarm* next = nullptr;
    TimePoint due{};
  };

  Alarm() = default;
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  virtual ~Alarm();

  virtual void on_alarm() = 0;
  bool armed() const noexcept { return hook.owner != nullptr; }
  void disarm();

  Hook hook;
};

/// An Alarm that calls a member function: MemberAlarm<Attempt, &Attempt::on_idle> idle_{*this};
template <class T, void (T::*Method)()>
class MemberAlarm final : public Alarm {
 public:
  explicit MemberAlarm(T& owner) : owner_(owner) {}
  void on_alarm() override { (owner_.*Method)(); }

 private:
  T& owner_;
};

class Timer {
 public:
  virtual ~Timer() = default;

  /// Constant within one turn of the loop.
  virtual TimePoint now() const = 0;
  virtual WallTime wall() const = 0;
  /// Reads the clock itself, for measuring what a turn costs; at or after now().
  virtual TimePoint tick() const = 0;

  /// Calls alarm.on_alarm() once, in a turn at or up to a few milliseconds after `due`. An armed alarm is moved.
  virtual void arm(Alarm& alarm, TimePoint due) = 0;
  virtual void disarm(Alarm& alarm) = 0;
};

}  // namespace gateway
