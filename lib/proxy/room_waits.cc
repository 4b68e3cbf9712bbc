#include "proxy/room_waits.h"

#include <chrono>

namespace gateway {
namespace {

constexpr auto kAskEvery = std::chrono::milliseconds(5);

}  // namespace

void RoomWaits::add(Waiter& added) {
  added.leave();
  if (added.number_ == 0) added.number_ = ++last_number_;
  WaitLink* place = &waiting_;
  while (place->previous() != &waiting_ && waiter(place->previous()).number_ > added.number_) place = place->previous();
  added.move_before(*place);
  if (!alarm_.armed()) timer_.arm(alarm_, timer_.now() + kAskEvery);
}

void RoomWaits::poll() {
  if (!serve()) end_hopeless();
  if (!waiting_.alone()) timer_.arm(alarm_, timer_.now() + kAskEvery);
}

// Those that have room move to a list of their own first: whoever is notified may destroy others of either.
bool RoomWaits::serve() {
  WaitLink served;
  for (WaitLink* link = waiting_.next(); link != &waiting_;) {
    Waiter& each = waiter(link);
    link = link->next();
    if (!each.take_room()) continue;
    each.move_before(served);
  }
  const bool any = !served.alone();
  while (!served.alone()) {
    Waiter& first = waiter(served.next());
    first.leave();
    first.on_room(true);
  }
  return any;
}

// Those who wait for each other would do so for ever: the newest gives up, one at a time, so that what it had may be
// enough for the others.
void RoomWaits::end_hopeless() {
  for (WaitLink* link = waiting_.previous(); link != &waiting_; link = link->previous()) {
    Waiter& each = waiter(link);
    if (!each.is_hopeless()) continue;
    each.leave();
    return each.on_room(false);
  }
}

}  // namespace gateway
