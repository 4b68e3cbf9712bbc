#include "app/server/give_way_list.h"

#include "app/server/http1_session.h"

namespace gateway::app {
namespace {

constexpr int kMostLookedAt = 128;  // those that have just come are at the end

}  // namespace

void GiveWayList::remove(Link& link) noexcept {
  link.previous->next = link.next;
  link.next->previous = link.previous;
  link.previous = link.next = &link;
}

void GiveWayList::add(Http1Session& session) noexcept {
  Link& link = session;
  remove(link);
  link.previous = all_.previous;
  link.next = &all_;
  link.previous->next = all_.previous = &link;
}

bool GiveWayList::end_one(const ConnectionGate& gate) noexcept {
  int looked_at = 0;
  for (Link* link = all_.next; link != &all_ && looked_at < kMostLookedAt; link = link->next, ++looked_at) {
    Http1Session& session = static_cast<Http1Session&>(*link);
    if (session.counted_by != &gate || !session.may_give_way()) continue;
    session.give_way();
    return true;
  }
  return false;
}

}  // namespace gateway::app
