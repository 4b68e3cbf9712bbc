// The part of an attempt that relays a stream of events and learns from it.
#include <utility>

#include "base/text.h"
#include "proxy/attempt.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

constexpr std::string_view kComment = ":\n\n";

}  // namespace

bool Attempt::take_event(const SseEvent& event, std::string_view piece) {
  if (done_) return true;
  if (event.kind == SseEvent::Kind::comment && committed_) pass_on(event, piece);
  if (event.kind != SseEvent::Kind::data) return true;
  begin_answer();
  if (is_sse_done(event.data)) {
    if (first_chunk_) return fail_empty(), false;
    done_ = true;
    return true;
  }
  const ChunkHints hints = scan_chunk(event.data);
  const bool plain = hints.has_choices && !hints.may_have_usage && !hints.may_have_error && !hints.may_have_finish &&
                     event.name != "error";
  weight_ += hints.weight;
  if (!first_chunk_ && plain && facts_.n <= 1) {
    pass_on(event, piece);
    return true;
  }

  AnswerFacts& facts = worker_.facts;
  worker_.answers.read(event.data, facts);
  const Judgement judgement =
      judge({.in_stream = true, .event_name = event.name, .endpoint = row_.endpoint, .facts = &facts});
  if (judgement.verdict == Judgement::Verdict::broken) {
    fail(Kind::server_error, Ending::cut_off, api_error::provider_error());
    return false;
  }
  note(facts);
  if (judgement.verdict == Judgement::Verdict::error) {
    flush();
    fail_by(judgement);
    return false;
  }
  first_chunk_ = false;
  const bool is_usage_chunk = facts.has_usage && !facts.has_choices;
  if (!is_usage_chunk || !asked_usage_) pass_on(event, piece);
  return true;
}

// Nothing but the mark of the end is no answer, as a body without anything is none.
void Attempt::fail_empty() {
  worker_.core.log(LogLevel::warning, plan_.provider->config.name + ": a stream without any event before its end",
                   row_.request.text());
  fail(Kind::server_error, Ending::refused, api_error::provider_error());
}

// Events that lie side by side in the piece that came go out as one span; everything else goes at once, since its bytes
// do not outlive the next event.
void Attempt::pass_on(const SseEvent& event, std::string_view piece) {
  committed_ = true;
  const bool inside =
      event.raw.data() >= piece.data() && event.raw.data() + event.raw.size() <= piece.data() + piece.size();
  if (inside && event.canonical) {
    if (!pending_.empty() && pending_.data() + pending_.size() == event.raw.data()) {
      pending_ = {pending_.data(), pending_.size() + event.raw.size()};
      return;
    }
    flush();
    pending_ = event.raw;
    return;
  }
  flush();
  if (event.canonical) {
    pending_ = event.raw;
  } else if (event.kind == SseEvent::Kind::comment) {
    pending_ = kComment;
  } else {
    worker_.text.clear();
    append_sse_data(worker_.text, event.data);
    pending_ = worker_.text;
  }
  flush();
}

void Attempt::flush() {
  if (pending_.empty()) return;
  last_sent_ = last_bytes_;
  if (events_.on_stream(std::exchange(pending_, {})) == Flow::pause) pause();
}

void Attempt::end_of_stream(const Result<void>& result) {
  SseEvent event;
  if (result && scanner_.finish(event) && !take_event(event, {})) return;
  if (done_ || every_choice_has_finished(result.has_value())) return succeed_stream();
  std::string_view why = "the stream ended without a finish_reason";
  Kind kind = Kind::lost;
  if (!result) {
    why = result.error().detail;
    kind = failure_kind(result.error().code);
  } else if (first_chunk_) {
    kind = Kind::server_error;  // an empty stream
  }
  worker_.core.log(LogLevel::warning, plan_.provider->config.name + ": " + std::string(why), row_.request.text());
  fail(kind, Ending::cut_off, api_error::provider_error());
}

// Of several choices that were asked for some may not have begun when a stream breaks off.
bool Attempt::every_choice_has_finished(bool ended_cleanly) const noexcept {
  if (finished_.none() || (begun_ & ~finished_).any()) return false;
  return ended_cleanly || static_cast<std::int64_t>(finished_.count()) >= facts_.n;
}

void Attempt::succeed_stream() {
  plan_.health->on_success();
  settle(RowState::settled, Ending::whole, {});
  return events_.on_stream_end();
}

}  // namespace gateway
