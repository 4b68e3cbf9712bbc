// The part of an attempt that sends a body while it comes.
#include "proxy/attempt.h"

namespace gateway {

std::size_t Attempt::send_body(std::string_view bytes) {
  const std::size_t taken = call_->send_body(bytes);
  is_stuck_ = taken < bytes.size();
  if (is_stuck_) {
    stuck_since_ = worker_.timer.now();
    arm();
  }
  return taken;
}

void Attempt::on_room() {
  is_stuck_ = false;
  return events_.on_room(*this);
}

void Attempt::end_body() {
  uploads_ = false;
  asked_ = last_sent_ = worker_.timer.now();
  call_->end_body();
  arm();
}

bool Attempt::cut(std::string_view error_code) {
  if (state_ == State::made || state_ == State::settled) return false;
  plan_.health->on_cancelled(plan_.pass);
  const RowState state = has_sent() ? RowState::settled : RowState::failed;
  settle(state, cut_off(), error_code);
  return true;
}

}  // namespace gateway
