// A clock that is stopped until a test moves it.
#pragma once

#include <cstddef>
#include <optional>

#include "gateway/timer.h"

namespace gateway::testing {

/// Starts at an arbitrary instant; on the calendar that is 2026-11-22T12:00:00Z. One thread.
class ManualTimer final : public Timer {
 public:
  ManualTimer() = default;
  ManualTimer(const ManualTimer&) = delete;
  ManualTimer& operator=(const ManualTimer&) = delete;
  ~ManualTimer() override;  ///< what is still armed is disarmed

  TimePoint now() const override { return now_; }
  WallTime wall() const override;
  TimePoint tick() const override;
  void arm(Alarm& alarm, TimePoint due) override;
  void disarm(Alarm& alarm) override;

  /// Moves both clocks on and calls what falls due, in the order of due times and then of arming, each with now() at
  /// its due time. What is armed meanwhile and due by then is called too.
  void advance(Duration by);
  /// Lets the calendar jump; the monotonic clock does not.
  void set_wall(WallTime wall);
  /// How far tick() moves on with each reading. Nothing, until set; forgotten when now() passes it.
  void set_tick_step(Duration step) { tick_step_ = step; }

  std::size_t armed() const noexcept { return armed_; }
  /// When the next alarm falls due.
  std::optional<TimePoint> next_due() const noexcept;

 private:
  static constexpr TimePoint kStart{std::chrono::hours{1000}};
  static constexpr WallTime kWallStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} +
                                       std::chrono::hours{12}};

  TimePoint now_ = kStart;
  WallTime wall_ = kWallStart;    ///< the calendar's time
  TimePoint wall_read_ = kStart;  ///< at this instant
  Duration tick_step_{0};
  mutable TimePoint tick_ = kStart;
  Alarm* first_ = nullptr;  ///< a list through the hooks, by due time
  std::size_t armed_ = 0;
};

}  // namespace gateway::testing
