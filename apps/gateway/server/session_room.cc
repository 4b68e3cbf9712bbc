// The part of a session that leaves room for others: memory, and its place among the connections.
#include "app/server/http1_session.h"

namespace gateway::app {
namespace {

constexpr std::chrono::milliseconds kTimeToAsk{
    1'000};  // before a new connection, or one that is idle, may have to give way

}  // namespace

bool Http1Session::memory_is_short() const noexcept { return context_.memory.taken() > limits_->memory; }

void Http1Session::count_memory() noexcept {
  set_memory(static_cast<std::int64_t>(pending_.capacity() + outbox_.memory() + parser_.memory()));
}

void Http1Session::set_memory(std::int64_t bytes) noexcept {
  const std::int64_t before = memory_.bytes();
  memory_.set(bytes);
  context_.memory_watch.changed(bytes - before);
}

bool Http1Session::may_give_way() const noexcept {
  if (authenticated_)
    return phase_ == Phase::waiting && outbox_.empty() && context_.loop.now() - idle_since_ >= kTimeToAsk;
  const bool is_answered = asked_ && (phase_ == Phase::waiting || !answer_pending());
  return is_answered || context_.loop.now() - begun_ >= kTimeToAsk;
}

void Http1Session::give_way() {
  exchange_.reset();
  static_cast<void>(outbox_.flush(transport_));
  close(turn_.framing == http1::Framing::until_close && !outbox_.empty());
}

void Http1Session::give_memory_back() {
  if (phase_ == Phase::closed) return;
  if (phase_ != Phase::head && (phase_ != Phase::body || turn_.answer != Answer::none)) {
    if (context_.on_refused) context_.on_refused("overloaded", peer_.address);
    return close(turn_.framing == http1::Framing::until_close);
  }
  if (phase_ == Phase::head) turn_ = {};
  refuse({503, "overloaded", "too much of unfinished requests is kept"});
  if (phase_ != Phase::closed) count_memory();
}

}  // namespace gateway::app
