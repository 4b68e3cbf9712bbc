#include "app/server/session_list.h"

#include "app/server/http1_session.h"

namespace gateway::app {

void SessionList::add(Http1Session& session) noexcept {
  session.next = first_;
  if (first_ != nullptr) first_->previous = &session;
  first_ = &session;
}

void SessionList::remove(Http1Session& session) noexcept {
  (session.previous != nullptr ? session.previous->next : first_) = session.next;
  if (session.next != nullptr) session.next->previous = session.previous;
}

Http1Session* SessionList::next(Http1Session& session) noexcept { return session.next; }

}  // namespace gateway::app
