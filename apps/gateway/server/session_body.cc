// A session's request bodies, decoded if they come compressed.
#include <array>

#include "app/server/http1_session.h"

namespace gateway::app {
namespace {

constexpr std::size_t kDecodedAtOnce = 16 * 1024;

}  // namespace

void Http1Session::take_body(std::string_view bytes) {
  if (!exchange_ || !exchange_->wants_body()) return;
  turn_.decoder == nullptr ? pass_on(bytes) : decode_body(bytes);
}

void Http1Session::decode_body(std::string_view bytes) {
  std::array<char, kDecodedAtOnce> room;
  while (exchange_ && exchange_->wants_body() && !turn_.body_held) {
    const std::size_t size = turn_.decoder->decode(bytes, room);
    if (size == 0) break;
    pass_on({room.data(), size});
  }
  if (turn_.decoder->damaged()) return refuse({400, {}, "the body is not encoded as its content-encoding says"});
  turn_.decodes = turn_.body_held;
  if (turn_.decodes) turn_.undecoded.assign(bytes);
}

void Http1Session::pass_on(std::string_view bytes) {
  if (exchange_->on_body(bytes) == Flow::more) return;
  turn_.body_held = true;
  turn_.held_since = context_.loop.now();
  input_alarm_.disarm();
}

// The time of its pause is not the client's.
void Http1Session::resume_body() {
  if (!std::exchange(turn_.body_held, false) || phase_ != Phase::body) return;
  const TimePoint now = context_.loop.now();
  turn_.body_since += now - turn_.held_since;
  turn_.body_at = now;
  context_.loop.arm(input_alarm_, body_due());
  context_.loop.arm(resume_alarm_, now);
}

void Http1Session::drop_held_body() {
  if (!body_waits()) return;
  turn_.body_held = turn_.decodes = false;
  turn_.undecoded.clear();
  context_.loop.arm(resume_alarm_, context_.loop.now());
}

void Http1Session::end_of_request() {
  turn_.body_complete = true;
  if (turn_.decoder && exchange_ && exchange_->wants_body() && !turn_.decoder->complete()) {
    return refuse({400, {}, "The encoded body ends in the middle."});
  }
  if (exchange_ && exchange_->wants_body()) exchange_->on_end();
  if (answer_pending()) enter(Phase::answering);
}

}  // namespace gateway::app
