// Answers that wait, half gathered and their providers paused, until there is memory for more of them: one list a
// worker, looked at with one alarm for all.
#pragma once

#include <cstdint>

#include "gateway/timer.h"

namespace gateway {

class RoomWaits {
 public:
  explicit RoomWaits(Timer& timer) : timer_(timer) {}

  struct Link {
    Link* previous = this;
    Link* next = this;
  };

  // One that waits. Destroying it ends that.
  class Waiter : private Link {
   public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

   protected:
    ~Waiter() { leave(); }
    void leave() noexcept;

   private:
    friend class RoomWaits;
    virtual bool take_room() = 0;  // where there is enough, and it is its turn
    // Even if all that do not wait were gone, there would not be enough.
    virtual bool is_hopeless() const = 0;
    // Called once for each add(), unless it leaves. Anything may be destroyed in it.
    virtual void on_room(bool found) = 0;
    void enter_before(Link& place) noexcept;

    std::uint64_t number_ = 0;  // in the order in which they first waited
  };

  // Who waited first is served first, and is the last to give up.
  void add(Waiter& waiter);

 private:
  static Waiter& waiter(Link* link) noexcept { return static_cast<Waiter&>(*link); }
  void look();
  bool serve();
  void end_hopeless();

  Timer& timer_;
  std::uint64_t last_number_ = 0;
  Link waiting_;  // the oldest first; a ring through this link
  MemberAlarm<RoomWaits, &RoomWaits::look> alarm_{*this};
};

}  // namespace gateway
