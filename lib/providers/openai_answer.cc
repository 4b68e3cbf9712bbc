#include "providers/openai_answer.h"

#include <algorithm>
#include <utility>

#include "base/row_model.h"
#include "base/text.h"
#include "chat/endpoint.h"
#include "providers/counted_usage.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

constexpr std::string_view kComment = ":\n", kBlanks = " \t\r\n";
constexpr std::size_t kSmallEvent = 64 * 1024;

bool is_complete(const PaddedBuffer& document) {
  DocumentScan scan;
  scan.push(document.view());
  return scan.complete();
}

bool has_media_type(std::string_view content_type, std::string_view type) noexcept {
  const std::string_view bare = trimmed(content_type.substr(0, content_type.find(';')));
  return equal_ignoring_case(bare, type);
}

// Figures that grow from event to event are so far; one that falls is odd.
bool shrinks(const Usage& before, const Usage& now) noexcept {
  return now.input < before.input || now.output < before.output || now.cached_input < before.cached_input ||
         now.cache_write < before.cache_write || now.reasoning < before.reasoning;
}

}  // namespace

OpenAiAnswer::OpenAiAnswer(const AnswerContext& context)
    : context_(context),
      streams_(context.request.stream && info_of(context.operation).usable == EndpointInfo::Usable::choices),
      scanner_(context.max_event) {
  if (context.client != Shape::openai) events_ = std::make_unique<ChatEventReader>();
}

void OpenAiAnswer::on_head(const UpstreamHead& head) {
  status_ = head.status;
  if (const auto id = header_value(head.headers, "x-generation-id"); !id.empty()) report_.generation_id = id;
  says_events_ = has_media_type(header_value(head.headers, "content-type"), "text/event-stream");
  if (status_ == 200 && streams_) return;
  mode_ = Mode::document;
  document_.emplace(context_.tools.buffers);
}

AnswerStream::Step OpenAiAnswer::push(std::string_view bytes, AnswerSink& sink) {
  if (mode_ == Mode::unjudged && !take_kind(bytes)) return Step::more;
  if (mode_ == Mode::relayed) return relay_document(bytes, sink), Step::more;
  if (mode_ == Mode::document) {
    // Some send blanks for as long as there is nothing to say: they are none of the answer.
    if (!has_begun_) bytes.remove_prefix(std::min(bytes.find_first_not_of(kBlanks), bytes.size()));
    if (bytes.empty()) return Step::more;
    has_begun_ = true;
    return take_document(bytes, sink);
  }
  scanner_.push(bytes);
  SseEvent event;
  while (scanner_.next(event)) {
    if (take_event(event, bytes, sink) == Step::failed) {
      if (!says_nothing_) flush(sink);
      return Step::failed;
    }
  }
  flush(sink);
  if (events_) events_->open(sink);
  says_nothing_ &= first_chunk_;
  if (done_) {
    if (events_) events_->finish(sink);
    return Step::ended;
  }
  if (scanner_.too_large()) return fail({.ending = Ending::cut_off, .final = true});
  return Step::more;
}

AnswerStream::Step OpenAiAnswer::finish(const Result<void>& how, AnswerSink& sink) {
  if (mode_ == Mode::stream) return end_of_stream(how, sink);
  if (mode_ == Mode::relayed) return end_of_relayed(how);
  if (mode_ == Mode::unjudged) {
    document_.emplace(context_.tools.buffers);
    (*document_)->append(beginning_);
  }
  // What came last may be only the connection's end, after a document that is complete.
  if (how || (status_ == 200 && gateway::is_complete(**document_))) return end_of_document(sink);
  note_unfinished();
  const Kind kind = failure_kind(how.error().code);
  return fail({.kind = kind, .ending = ending_of(kind), .why = how.error().detail});
}

void OpenAiAnswer::abandon() { note_unfinished(); }

std::size_t OpenAiAnswer::kept() const noexcept {
  if (document_) return (*document_)->size();
  // An event that comes in many pieces is kept like a document.
  const std::size_t carried = scanner_.carried();
  return carried > kSmallEvent ? carried : 0;
}

// --- a stream -------------------------------------------------------------------------------------------------------

AnswerStream::Step OpenAiAnswer::take_event(const SseEvent& event, std::string_view piece, AnswerSink& sink) {
  if (done_) return Step::more;
  if (event.kind == SseEvent::Kind::comment && (sink.has_sent() || !pending_.empty())) pass_comment_on(event, sink);
  // Some providers write their keep-alive comments as data.
  if (event.kind != SseEvent::Kind::data || event.data.starts_with(':')) return Step::more;
  has_begun_ = true;
  if (is_sse_done(event.data)) {
    // Nothing but the mark of the end is no answer, as a body without anything is none.
    if (first_chunk_) return fail({.why = "a stream without any event before its end"});
    done_ = true;
    return Step::more;
  }
  const ChunkHints hints = scan_chunk(event.data);
  const bool plain = hints.has_choices && !hints.may_have_usage && !hints.may_have_error && !hints.may_have_finish &&
                     event.name != "error";
  // A completion's text is outside of what the hints weigh.
  const bool is_chat = context_.operation == Operation::chat;
  if (is_chat) report_.weight += hints.weight;
  if (!says_nothing_ && plain && is_chat && context_.request.n <= 1) return pass_on(event, piece, sink), Step::more;

  AnswerFacts& facts = context_.tools.facts;
  context_.tools.reader.read(event.data, facts);
  const Judgement judgement =
      judge({.in_stream = true, .event_name = event.name, .operation = context_.operation, .facts = &facts});
  if (judgement.verdict == Judgement::Verdict::broken) return fail({.ending = Ending::cut_off});
  note(facts);
  if (!is_chat) report_.weight += facts.weight;
  if (judgement.verdict == Judgement::Verdict::error) return fail_by(judgement);
  first_chunk_ = false;
  says_nothing_ &= !facts.has_content && !facts.has_usage && facts.finish_reason.empty();
  const bool is_usage_chunk = facts.has_usage && !facts.has_choices;
  if (!is_usage_chunk || !context_.asked_usage || events_) pass_on(event, piece, sink);
  return Step::more;
}

// Without the blank line after it: SDKs take that for the end of an event, and fail at one without data.
void OpenAiAnswer::pass_comment_on(const SseEvent& event, AnswerSink& sink) {
  if (events_) return;
  flush(sink);
  std::string_view lines = event.canonical ? event.raw : kComment;
  if (lines.ends_with("\n\n")) lines.remove_suffix(1);
  if (lines.ends_with("\r\n\r\n")) lines.remove_suffix(2);
  sink.relay(lines);
}

// Events that lie side by side in the piece that came go out as one span; everything else goes at once, since its bytes
// do not outlive the next event.
void OpenAiAnswer::pass_on(const SseEvent& event, std::string_view piece, AnswerSink& sink) {
  if (events_) {
    events_->read_chunk(event.data, sink);
    return;
  }
  const bool inside =
      event.raw.data() >= piece.data() && event.raw.data() + event.raw.size() <= piece.data() + piece.size();
  if (inside && event.canonical) {
    if (!pending_.empty() && pending_.data() + pending_.size() == event.raw.data()) {
      pending_ = {pending_.data(), pending_.size() + event.raw.size()};
      return;
    }
    flush(sink);
    pending_ = event.raw;
    return;
  }
  flush(sink);
  if (event.canonical) {
    pending_ = event.raw;
  } else {
    context_.tools.text.clear();
    append_sse_data(context_.tools.text, event.data);
    pending_ = context_.tools.text;
  }
  flush(sink);
}

void OpenAiAnswer::flush(AnswerSink& sink) {
  if (pending_.empty()) return;
  says_nothing_ = false;
  sink.relay(std::exchange(pending_, {}));
}

AnswerStream::Step OpenAiAnswer::end_of_stream(const Result<void>& how, AnswerSink& sink) {
  SseEvent event;
  if (how && scanner_.finish(event)) {
    const Step step = take_event(event, {}, sink);
    if (step == Step::failed) return step;
    flush(sink);
  }
  if (done_ || every_choice_has_finished(how.has_value())) {
    if (events_) events_->finish(sink);
    return Step::ended;
  }
  if (!how) return fail({.kind = failure_kind(how.error().code), .ending = Ending::cut_off, .why = how.error().detail});
  const Kind kind = first_chunk_ ? Kind::server_error : Kind::lost;  // an empty stream
  return fail({.kind = kind, .ending = Ending::cut_off, .why = "the stream ended without a finish_reason"});
}

// Some of the choices that were asked for may not have begun when a stream breaks off.
bool OpenAiAnswer::every_choice_has_finished(bool ended_cleanly) const noexcept {
  if (finished_.none() || (begun_ & ~finished_).any()) return false;
  return ended_cleanly || static_cast<std::int64_t>(finished_.count()) >= context_.request.n;
}

// --- what was learnt ------------------------------------------------------------------------------------------------

void OpenAiAnswer::note(const AnswerFacts& facts) {
  Reported& figures = report_.figures;
  if (report_.generation_id.empty() && !facts.id.empty()) report_.generation_id = facts.id;
  if (!facts.model.empty()) report_.served_model = row_model(facts.model);
  if (!facts.finish_reason.empty()) report_.finish_reason = facts.finish_reason;
  begun_ |= facts.begun;
  finished_ |= facts.finished;
  if (facts.usage_odd) figures.usage_odd = true;
  if (!facts.service_tier.empty()) figures.service_tier = facts.service_tier;
  if (const auto usage = counted_usage(facts, context_.operation, context_.request)) {
    if (figures.usage && shrinks(*figures.usage, *usage)) figures.usage_odd = true;
    figures.usage = usage;
    figures.audio_input = facts.audio_input;
    figures.image_input = facts.image_input;
    figures.audio_output = facts.audio_output;
    figures.image_output = facts.image_output;
  }
  if (facts.cost) {
    figures.cost = facts.cost;
    figures.upstream_cost = facts.upstream_cost;
    figures.byok = facts.is_byok;
  }
}

AnswerStream::Step OpenAiAnswer::fail(AnswerFault fault) {
  fault_ = std::move(fault);
  return Step::failed;
}

AnswerStream::Step OpenAiAnswer::fail_by(const Judgement& judgement) {
  return fail({.kind = judgement.kind,
               .ending = says_nothing_ ? Ending::refused : Ending::cut_off,
               .final = !judgement.may_follow,
               .status = judgement.status,
               .error = &context_.tools.facts.error});
}

}  // namespace gateway
