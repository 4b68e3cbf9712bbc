#include "providers/shaped_answer.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;

constexpr std::size_t kMaxErrorBody = 64 * 1024;
constexpr std::size_t kSmallPart = 64 * 1024;

}  // namespace

ShapedAnswer::ShapedAnswer(const AnswerContext& context, Shape own)
    : context_(context),
      streams_(context.request.stream),
      same_(context.client == own),
      scanner_(context.max_event),
      held_(context.tools.buffers) {}

void ShapedAnswer::on_head(const UpstreamHead& head) {
  status_ = head.status;
  const std::string_view type = header_value(head.headers, "content-type");
  says_events_ = equal_ignoring_case(trimmed(type.substr(0, type.find(';'))), "text/event-stream");
  if (status_ != 200 || !streams_) document_.emplace(context_.tools.buffers);
}

AnswerStream::Step ShapedAnswer::push(std::string_view bytes, AnswerSink& sink) {
  if (!document_ && !is_stream_ && !take_kind(bytes)) return Step::more;
  if (document_) {
    has_begun_ = true;
    return take_document(bytes);
  }
  scanner_.push(bytes);
  return take_events(sink);
}

AnswerStream::Step ShapedAnswer::finish(const Result<void>& how, AnswerSink& sink) {
  if (is_stream_) {
    SseEvent event;
    if (how && scanner_.finish(event)) {
      const Step step = take(event, sink);
      if (step != Step::more) return step;
    }
    return end_of_stream(how, sink);
  }
  if (!document_) {
    document_.emplace(context_.tools.buffers);
    (*document_)->append(beginning_);
  }
  // What broke may have come behind a document that is complete.
  if (how || (status_ == 200 && is_whole_document())) return end_of_document(sink);
  note_unfinished();
  const auto kind = failure_kind(how.error().code);
  return fail({.kind = kind, .ending = ending_of(kind), .why = how.error().detail});
}

std::size_t ShapedAnswer::kept() const noexcept {
  const std::size_t inner = kept_by_reader();
  if (document_) return (*document_)->size() + inner;
  const std::size_t carried = scanner_.carried() + inner;
  return carried > kSmallPart ? carried : 0;
}

// Whether it is known what the body is. `bytes` then begins where the body does.
bool ShapedAnswer::take_kind(std::string_view& bytes) {
  if (!beginning_.empty()) {
    beginning_.append(bytes);
    bytes = beginning_;
  }
  const BodyKind kind = body_kind(bytes, says_events_);
  if (kind == BodyKind::unknown) {
    if (beginning_.empty()) beginning_ = bytes;
    return false;
  }
  is_stream_ = kind == BodyKind::events;
  if (!is_stream_) document_.emplace(context_.tools.buffers);
  return true;
}

AnswerStream::Step ShapedAnswer::take_document(std::string_view bytes) {
  PaddedBuffer& document = **document_;
  if (status_ != 200) {
    // The status says enough: what is too much of the reason is left out.
    document.append(bytes.substr(0, kMaxErrorBody - std::min(kMaxErrorBody, document.size())));
    return Step::more;
  }
  if (document.size() + bytes.size() > context_.max_answer) {
    return fail({.ending = Observed::Ending::cut_off,
                 .final = true,
                 .why = "the answer is larger than " + std::to_string(context_.max_answer) + " bytes"});
  }
  document.append(bytes);
  return Step::more;
}

AnswerStream::Step ShapedAnswer::take_events(AnswerSink& sink) {
  SseEvent event;
  while (scanner_.next(event)) {
    const Step step = take(event, sink);
    if (step != Step::more) return step;
  }
  if (!scanner_.too_large()) {
    held_.release(sink);
    if (hearer(sink) != nullptr) open_events(sink);
    return Step::more;
  }
  note(false);
  return fail({.ending = Observed::Ending::cut_off, .final = true, .why = "an event is larger than may be"});
}

AnswerStream::Step ShapedAnswer::take(const SseEvent& event, AnswerSink& sink) {
  if (event.kind != SseEvent::Kind::data || is_sse_done(event.data)) return Step::more;
  return take_event(event, sink);
}

// As it came, unless clients might read that otherwise than we did.
std::string_view ShapedAnswer::frame_of(const SseEvent& event) const {
  if (event.canonical) return event.raw;
  std::string& text = context_.tools.text;
  text.clear();
  if (!event.name.empty()) text.append("event: ").append(event.name).append("\n");
  append_sse_data(text, event.data);
  return text;
}

void ShapedAnswer::pass_on(const SseEvent& event, AnswerSink& sink) {
  if (!same_) return;
  held_.release(sink);
  sink.relay(frame_of(event));
}

void ShapedAnswer::hold_back(const SseEvent& event) {
  if (same_) held_.add(frame_of(event));
}

AnswerStream::Step ShapedAnswer::fail(AnswerFault fault) {
  fault_ = std::move(fault);
  return Step::failed;
}

AnswerStream::Step ShapedAnswer::fail_unended(const Result<void>& how, bool has_begun, std::string_view mark) {
  if (!how) return fail({.kind = failure_kind(how.error().code), .ending = Ending::cut_off, .why = how.error().detail});
  return fail({.kind = has_begun ? AttemptFailure::Kind::lost : AttemptFailure::Kind::server_error,
               .ending = Ending::cut_off,
               .why = "the stream ended without a " + std::string(mark)});
}

AnswerStream::Step ShapedAnswer::fail_unreadable(bool is_billed, std::string_view what) {
  return fail(
      {.ending = is_billed ? Ending::cut_off : Ending::refused,
       .final = is_billed,
       .why = "status 200 without " + std::string(what) + ": " + std::to_string((*document_)->size()) + " bytes"});
}

AnswerStream::Step ShapedAnswer::fail_as_judged(std::string_view json, bool is_billed) {
  AnswerFacts& facts = context_.tools.facts;
  if (same_ && status_ != 200 && facts.is_object) facts.error.raw = json;
  facts.has_error = true;
  const Judgement judgement = judge({.status = status_, .operation = context_.operation, .facts = &facts});
  return fail({.kind = judgement.kind,
               .ending = is_billed ? Ending::cut_off : Ending::refused,
               .final = !judgement.may_follow,
               .status = judgement.status,
               .error = &facts.error});
}

}  // namespace gateway
