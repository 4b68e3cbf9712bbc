// Exchanges whose answers end once a row of theirs is in the store: one list a worker. The ledger thread confirms rows;
// the list looks at what it has confirmed, with one alarm for all that wait.
#pragma once

#include <cstdint>

#include "gateway/journal.h"
#include "gateway/timer.h"
#include "proxy/wait_ring.h"

namespace gateway {

class CoreState;

class DurableWaits {
 public:
  DurableWaits(const CoreState& core, Timer& timer, const Journal& journal)
      : core_(core), timer_(timer), journal_(journal) {}

  // One that waits. Destroying it ends that.
  class Waiter : private WaitLink {
   protected:
    ~Waiter() = default;

   private:
    friend class DurableWaits;
    // Called once for each add(). `stored`: the row is; else it was not in time. Anything may be destroyed in it.
    virtual void on_waited(bool stored) = 0;

    std::uint64_t row_ = 0;
    TimePoint deadline_{};
  };

  // Until the journal has confirmed `row`, as Journal::appended() counts it, or until `deadline`: for the next moment
  // alone if the gateway is to end and the ledger cannot be written.
  void add(Waiter& waiter, std::uint64_t row, TimePoint deadline);

 private:
  static Waiter& waiter(WaitLink* link) noexcept { return static_cast<Waiter&>(*link); }
  void poll();
  void end_stored();
  void end_late(TimePoint now);

  const CoreState& core_;
  Timer& timer_;
  const Journal& journal_;
  WaitLink waiting_;                            // by row; a ring through this link
  TimePoint next_deadline_ = TimePoint::max();  // no later than the first of theirs
  MemberAlarm<DurableWaits, &DurableWaits::poll> alarm_{*this};
};

}  // namespace gateway
