#include "app/server/session_list.h"

#include "app/server/http1_session.h"

namespace gateway::app {

void SessionList::add(Http1Session& session) noexcept {
  session.next_session = first_;
  if (first_ != nullptr) first_->previous_session = &session;
  first_ = &session;
}

void SessionList::remove(Http1Session& session) noexcept {
  (session.previous_session != nullptr ? session.previous_session->next_session : first_) = session.next_session;
  if (session.next_session != nullptr) session.next_session->previous_session = session.previous_session;
}

Http1Session* SessionList::next(Http1Session& session) noexcept { return session.next_session; }

}  // namespace gateway::app
