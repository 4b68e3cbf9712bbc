// Keeps what connections hold within SessionLimits::memory: closes those that hold most, and no others.
#pragma once

#include <cstdint>
#include <memory>

#include "app/server/session_list.h"
#include "base/shared_room.h"
#include "gateway/loop.h"

namespace gateway::app {

struct SessionLimits;

// One for each worker, which answers for its own sessions: if all of them together hold too much, at least one of
// the workers holds more than its part, and closes down to that.
class MemoryWatch {
 public:
  // All outlive it; `limits` may be replaced by other ones.
  MemoryWatch(Loop& loop, SessionList& sessions, SharedRoom& all, const std::shared_ptr<const SessionLimits>& limits)
      : loop_(loop), sessions_(sessions), all_(all), limits_(limits) {}
  void share_with(unsigned workers) noexcept { workers_ = workers; }

  // What the sessions of this worker hold has changed by so much.
  void changed(std::int64_t by) noexcept;

 private:
  std::int64_t part() const noexcept;
  bool is_short() const noexcept;
  void poll();
  void shed();

  Loop& loop_;
  SessionList& sessions_;
  SharedRoom& all_;
  const std::shared_ptr<const SessionLimits>& limits_;
  unsigned workers_ = 1;
  std::int64_t held_ = 0;
  MemberAlarm<MemoryWatch, &MemoryWatch::poll> alarm_{*this};
};

}  // namespace gateway::app
