// A session's request bodies, decoded if they come compressed.
#include <array>

#include "app/server/http1_session.h"

namespace gateway::app {
namespace {

constexpr std::size_t kDecodedAtOnce = 16 * 1024;

}  // namespace

void Http1Session::take_body(std::string_view bytes) {
  if (!exchange_ || !exchange_->wants_body()) return;
  if (turn_.decoder == nullptr) return exchange_->on_body(bytes);
  std::array<char, kDecodedAtOnce> room;
  while (exchange_->wants_body()) {
    const std::size_t size = turn_.decoder->decode(bytes, room);
    if (size == 0) break;
    exchange_->on_body({room.data(), size});
  }
  if (turn_.decoder->damaged()) refuse({400, {}, "the body is not encoded as its content-encoding says"});
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
