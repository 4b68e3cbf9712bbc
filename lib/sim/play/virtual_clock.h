// A clock that jumps from alarm to alarm, for many of them: arming and disarming cost the logarithm of how many there
// are.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "gateway/timer.h"

namespace gateway::sim {

class VirtualClock final : public Timer {
 public:
  explicit VirtualClock(WallTime start) : start_(start) {}
  VirtualClock(const VirtualClock&) = delete;
  VirtualClock& operator=(const VirtualClock&) = delete;
  ~VirtualClock() override;  // what is still armed is disarmed

  TimePoint now() const override { return now_; }
  WallTime wall() const override { return wall_at(elapsed()); }
  TimePoint tick() const override { return now_; }
  void arm(Alarm& alarm, TimePoint due) override;
  void disarm(Alarm& alarm) override;

  Duration elapsed() const { return now_ - kStart; }
  TimePoint at(Duration elapsed) const { return kStart + elapsed; }
  WallTime wall_at(Duration elapsed) const { return start_ + std::chrono::floor<WallTime::duration>(elapsed); }
  WallTime start() const { return start_; }

  // When the next alarm falls due; those that are overdue, now.
  std::optional<TimePoint> next_due() const;
  void move_to(TimePoint now) { now_ = now; }  // never back
  // Calls the first alarm that is due by now. False: there is none.
  bool run_one();

 private:
  static constexpr TimePoint kStart{std::chrono::hours{1000}};
  // Alarms of the same instant, in the order of arming, through their hooks.
  struct Instant {
    Alarm* first = nullptr;
    Alarm* last = nullptr;
  };
  using Instants = std::map<TimePoint, Instant>;

  WallTime start_;
  TimePoint now_ = kStart;
  Instants instants_;
  std::vector<Instants::node_type> spare_;  // emptied instants, so that time passes without allocations
};

}  // namespace gateway::sim
