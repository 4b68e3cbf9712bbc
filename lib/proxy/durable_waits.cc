#include "proxy/durable_waits.h"

#include <algorithm>

#include "proxy/core_state.h"

namespace gateway {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(1);

}  // namespace

// Rows are mostly waited for in the order in which they were appended.
void DurableWaits::add(Waiter& added, std::uint64_t row, TimePoint deadline) {
  added.leave();
  added.row_ = row;
  added.deadline_ = deadline;
  WaitLink* place = &waiting_;
  while (place->previous() != &waiting_ && waiter(place->previous()).row_ > row) place = place->previous();
  added.move_before(*place);
  next_deadline_ = std::min(next_deadline_, deadline);
  if (!alarm_.armed()) timer_.arm(alarm_, timer_.now() + kLookEvery);
}

void DurableWaits::poll() {
  end_stored();
  const TimePoint now = timer_.now();
  const bool pointless = core_.draining() && !core_.ledger_writable();
  if (now >= next_deadline_ || pointless) end_late(pointless ? TimePoint::max() : now);
  if (waiting_.alone()) {
    next_deadline_ = TimePoint::max();
  } else {
    timer_.arm(alarm_, now + kLookEvery);
  }
}

void DurableWaits::end_stored() {
  const std::uint64_t confirmed = journal_.confirmed();
  while (!waiting_.alone() && waiter(waiting_.next()).row_ <= confirmed) {
    Waiter& first = waiter(waiting_.next());
    first.leave();
    first.on_waited(true);
  }
}

// What is over moves to a list of its own first: whoever is notified may destroy others of either.
void DurableWaits::end_late(TimePoint now) {
  WaitLink late;
  next_deadline_ = TimePoint::max();
  for (WaitLink* link = waiting_.next(); link != &waiting_;) {
    Waiter& each = waiter(link);
    link = link->next();
    if (each.deadline_ > now) {
      next_deadline_ = std::min(next_deadline_, each.deadline_);
      continue;
    }
    each.move_before(late);
  }
  while (!late.alone()) {
    Waiter& first = waiter(late.next());
    first.leave();
    first.on_waited(false);
  }
}

}  // namespace gateway
