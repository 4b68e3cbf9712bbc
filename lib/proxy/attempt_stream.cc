// The part of an attempt that relays a stream of events and learns from it.
#include <utility>

#include "base/text.h"
#include "proxy/attempt.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

}  // namespace

bool Attempt::take_event(const SseEvent& event, std::string_view piece) {
  if (done_) return true;
  if (event.kind == SseEvent::Kind::comment && committed_) pass_on(event, piece);
  if (event.kind != SseEvent::Kind::data) return true;
  begun_ = true;
  if (trimmed(event.data) == "[DONE]") {
    done_ = true;
    return true;
  }
  const ChunkHints hints = scan_chunk(event.data);
  observed_.emitted_bytes += hints.content_bytes;
  if (hints.content_bytes > 0) ++observed_.emitted_events;
  if (!first_chunk_ && !hints.may_have_usage && !hints.may_have_error && !hints.may_have_finish) {
    pass_on(event, piece);
    return true;
  }

  AnswerFacts& facts = worker_.facts;
  worker_.answers.read(event.data, facts);
  if (!facts.is_object) {
    fail(Kind::server_error, Ending::cut_off, api_error::provider_error());
    return false;
  }
  note(facts);
  if (facts.has_error) {
    flush();
    fail_with_status(facts.error.status == 0 ? 502 : facts.error.status, facts.error);
    return false;
  }
  first_chunk_ = false;
  const bool is_usage_chunk = facts.has_usage && !facts.has_choices;
  if (!is_usage_chunk || facts_.include_usage) pass_on(event, piece);
  return true;
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
  if (done_ || finish_seen_) return succeed_stream();
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

void Attempt::succeed_stream() {
  plan_.health->on_success();
  settle(RowState::settled, Ending::whole, {});
  return events_.on_stream_end();
}

}  // namespace gateway
