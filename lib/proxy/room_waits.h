// Answers that wait, half gathered and their providers paused, until there is memory for more of them: one list a
// worker, looked at with one alarm for all.
#pragma once

#include <cstdint>

#include "gateway/timer.h"
#include "proxy/wait_ring.h"

namespace gateway {

class RoomWaits {
 public:
  explicit RoomWaits(Timer& timer) : timer_(timer) {}

  // One that waits. Destroying it ends that.
  class Waiter : private WaitLink {
   protected:
    ~Waiter() = default;
    using WaitLink::leave;

   private:
    friend class RoomWaits;
    virtual bool take_room() = 0;  // if there is enough, and it is its turn
    // Even if all that do not wait were gone, there would not be enough.
    virtual bool is_hopeless() const = 0;
    // Called once for each add(), unless it leaves. Anything may be destroyed in it.
    virtual void on_room(bool found) = 0;

    std::uint64_t number_ = 0;  // in the order in which they first waited
  };

  // Who waited first is served first, and is the last to give up.
  void add(Waiter& waiter);

 private:
  static Waiter& waiter(WaitLink* link) noexcept { return static_cast<Waiter&>(*link); }
  void poll();
  bool serve();
  void end_hopeless();

  Timer& timer_;
  std::uint64_t last_number_ = 0;
  WaitLink waiting_;  // the oldest first; a ring through this link
  MemberAlarm<RoomWaits, &RoomWaits::poll> alarm_{*this};
};

}  // namespace gateway
