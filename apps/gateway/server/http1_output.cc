// The part of a session that writes: answers, what waits to be sent, and clients that take it slowly.
#include <algorithm>
#include <utility>

#include "app/server/cors.h"
#include "app/server/http1_session.h"

namespace gateway::app {
namespace {

constexpr std::size_t kHighWater = 256 * 1024;  // of what waits for the client: pause
constexpr std::size_t kLowWater = 64 * 1024;    // go on
// The system reports what a client takes in steps: the first of 64 KiB, later ones of up to 128 KiB. Between two of
// them a client that reads 5 KiB a second looks like one that reads nothing.
constexpr std::chrono::milliseconds kFirstStep{15'000};
constexpr std::chrono::milliseconds kNextStep{30'000};
constexpr std::chrono::milliseconds kSettled{500};     // what a client that does not read takes, it has taken by then
constexpr std::chrono::milliseconds kSlowStep{1'000};  // who takes that long to make room is slow

}  // namespace

// --- the answer

ResponseBody& Http1Session::send_head(const ResponseHead& head) {
  turn_.answer = Answer::under_way;
  refused_ = head.status == 401;
  turn_.keep_alive = turn_.keep_alive && !context_.draining && (turn_.body_complete || turn_.short_body);
  http1::AnswerHead answer{.status = head.status, .fields = head.headers};
  if (head.status == 204 || head.status == 304) {
    answer.framing = http1::Framing::none;
  } else if (head.content_length) {
    answer.framing = http1::Framing::length;
    answer.length = *head.content_length;
  } else {
    answer.framing = turn_.http_1_0 ? http1::Framing::until_close : http1::Framing::chunked;
  }
  if (answer.framing == http1::Framing::until_close) turn_.keep_alive = false;
  std::vector<HeaderField> cors;
  if (!turn_.origin.empty()) cors = cors_fields(turn_.origin);
  answer.more_fields = cors;
  answer.http_1_0 = turn_.http_1_0;
  answer.keep_alive = turn_.keep_alive;
  answer.date = context_.date.at(context_.loop.wall());
  http1::write_head(outbox_.buffer(), answer);
  turn_.framing = turn_.to_head ? http1::Framing::none : answer.framing;
  schedule();
  return *this;
}

Flow Http1Session::send_body(std::string_view bytes) {
  switch (turn_.framing) {
    case http1::Framing::none:
      return Flow::more;
    case http1::Framing::chunked:
      http1::write_chunk(outbox_.buffer(), bytes);
      break;
    case http1::Framing::length:
    case http1::Framing::until_close:
      outbox_.buffer().append(bytes);
      break;
  }
  schedule();
  if (!paused_ && outbox_.unsent() > (memory_is_short() ? kLowWater : kHighWater)) {
    paused_ = true;
    paused_at_ = context_.loop.now();
  }
  return paused_ ? Flow::pause : Flow::more;
}

void Http1Session::finish() {
  if (turn_.framing == http1::Framing::chunked) http1::write_last_chunk(outbox_.buffer());
  turn_.answer = Answer::finished;
  schedule();
  exchange_.reset();  // now, while what it holds is in the processor's cache
}

void Http1Session::abort() {
  turn_.answer = Answer::aborted;
  schedule();
}

// --- writing

void Http1Session::run_deferred() {
  if (phase_ == Phase::closed) return;
  settle_turn();
  flush();
  if (phase_ == Phase::closed) return;
  count_memory();
  // In the next turn, so that one busy client leaves room for the others: what it has sent already, too.
  const bool more = (!pending_.empty() && ready_for_requests()) || (input_held_ && room_for_input() > 0);
  if (more) context_.loop.arm(resume_alarm_, context_.loop.now());
}

void Http1Session::flush() {
  switch (outbox_.flush(transport_)) {
    case Outbox::Flushed::broken:
      return close();
    case Outbox::Flushed::all:
      output_alarm_.disarm();
      slow_ = false;
      break;
    case Outbox::Flushed::none:
      if (output_alarm_.armed()) break;
      [[fallthrough]];
    case Outbox::Flushed::some:
      await_reader();
      break;
  }
  if (paused_ && outbox_.unsent() < kLowWater) resume_exchange();
  if (phase_ == Phase::flushing && outbox_.empty()) end_connection();
}

// The client has just taken something, or begins to let something wait.
void Http1Session::await_reader() {
  const TimePoint now = context_.loop.now();
  slow_ = slow_ || (output_alarm_.armed() && now - taken_at_ >= kSlowStep);
  taken_at_ = now;
  in_kernel_.reset();
  context_.loop.arm(output_alarm_, now + std::min(patience(), kSettled));
  // An exchange takes a long pause for a client that is gone.
  if (slow_ && paused_ && now - paused_at_ >= kSlowStep && outbox_.unsent() < kHighWater) resume_exchange();
}

bool Http1Session::stands_still() const noexcept {
  return output_alarm_.armed() && context_.loop.now() - taken_at_ >= kSlowStep;
}

std::chrono::milliseconds Http1Session::patience() const noexcept {
  return std::max(limits_->stall, slow_ ? kNextStep : kFirstStep);
}

void Http1Session::resume_exchange() {
  paused_ = false;
  if (exchange_) exchange_->on_drained();
}

void Http1Session::on_output_late() {
  const std::size_t left = transport_.unsent_bytes();
  if (!in_kernel_) {
    in_kernel_ = left;
    if (const TimePoint end = taken_at_ + patience(); context_.loop.now() < end)
      return context_.loop.arm(output_alarm_, end);
  }
  if (left >= *in_kernel_) return close();
  // The client has taken some, though not so much that the system takes more of us.
  slow_ = true;
  await_reader();
}

}  // namespace gateway::app
