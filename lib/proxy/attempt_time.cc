// The part of an attempt that waits: which limit is due next, and what it ends.
#include <algorithm>
#include <utility>

#include "proxy/attempt.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

constexpr auto kSilence = std::chrono::seconds(15);

}  // namespace

void Attempt::pause() noexcept {
  if (!paused_) paused_at_ = worker_.timer.now();
  paused_ = true;
}

void Attempt::reader_goes_on() noexcept {
  if (paused_) paused_at_ = worker_.timer.now();
}

Duration Attempt::reader_patience() const noexcept { return std::max<Duration>(plan_.timeouts->idle, kSlowReader); }

Attempt::Due Attempt::next_due() const noexcept {
  using Limit = Due::Limit;
  Due due{deadline_, Limit::total};
  const auto sooner = [&due](TimePoint when, Limit limit) {
    if (when < due.when) due = {when, limit};
  };
  if (paused_) {
    sooner(paused_at_ + reader_patience(), Limit::client);
    return due;
  }
  if (uploads_) {
    if (is_stuck_) sooner(stuck_since_ + plan_.timeouts->idle, Limit::idle);
    return due;  // its client's pauses are not the provider's
  }
  if (waits_for_room_) {
    sooner(waits_since_ + plan_.timeouts->idle, Limit::room);
  } else if (has_begun_) {
    sooner(last_bytes_ + plan_.timeouts->idle, Limit::idle);
  }
  if (!has_begun_) sooner(asked_ + plan_.timeouts->first_byte, Limit::first_byte);
  if (request_.facts.stream) sooner(last_sent_ + kSilence, Limit::silence);
  return due;
}

void Attempt::arm() { worker_.timer.arm(alarm_, next_due().when); }

// Armed lazily: bytes that come only move the marks, and the alarm looks at them when it rings.
void Attempt::on_time() {
  const Due due = next_due();
  if (worker_.timer.now() < due.when) return arm();
  switch (due.limit) {
    case Due::Limit::silence:
      return events_.on_silence(*this);
    case Due::Limit::client:
      leave();
      return events_.on_client_stuck(*this);
    case Due::Limit::room:
      return fail_for_room();
    case Due::Limit::total:
    case Due::Limit::first_byte:
    case Due::Limit::idle:
      return on_limit(due.limit);
  }
}

void Attempt::on_limit(Due::Limit limit) {
  if (answer_.get() != nullptr && answer_->is_complete()) {
    call_.reset();
    return succeed();
  }
  if (limit == Due::Limit::first_byte) {
    log("no answer within timeouts.first_byte");
  } else if (limit == Due::Limit::idle) {
    log(uploads_ ? "no more of the request was taken within timeouts.idle"
                 : "no more of the answer came within timeouts.idle");
  } else {
    log("no complete answer within timeouts.total");
  }
  const Ending ending = cut_off();
  ApiError error = api_error::provider_timeout();
  if (ending == Ending::refused) return fail(Kind::connect, ending, std::move(error));
  return fail(Kind::limit_reached, ending, std::move(error));
}

void Attempt::keep_alive() {
  state_ = State::sending;
  last_sent_ = worker_.timer.now();
  if (events_.on_stream(*this, request_.surface->keep_alive()) == Flow::pause) pause();
  arm();
}

}  // namespace gateway
