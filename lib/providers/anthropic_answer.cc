#include "providers/anthropic_answer.h"

#include <algorithm>
#include <utility>

#include "base/row_model.h"
#include "base/text.h"
#include "providers/anthropic_error.h"
#include "wire/openai/document_scan.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

constexpr std::size_t kMaxError = 64 * 1024;
constexpr std::size_t kSmallPart = 64 * 1024;

}  // namespace

AnthropicAnswer::AnthropicAnswer(const AnswerContext& context)
    : context_(context),
      streams_(context.request.stream),
      same_(context.client == Shape::anthropic),
      scanner_(context.max_event) {}

void AnthropicAnswer::on_head(const UpstreamHead& head) {
  status_ = head.status;
  can_wait_ = !header_value(head.headers, "retry-after").empty();
  const std::string_view type = header_value(head.headers, "content-type");
  says_events_ = equal_ignoring_case(trimmed(type.substr(0, type.find(';'))), "text/event-stream");
  if (status_ != 200 || !streams_) document_.emplace(context_.tools.buffers);
}

AnswerStream::Step AnthropicAnswer::push(std::string_view bytes, AnswerSink& sink) {
  if (!document_ && !is_stream_ && !take_kind(bytes)) return Step::more;
  if (document_) {
    has_begun_ = true;
    return take_document(bytes);
  }
  scanner_.push(bytes);
  return take_events(sink);
}

AnswerStream::Step AnthropicAnswer::finish(const Result<void>& how, AnswerSink& sink) {
  if (is_stream_) return end_of_stream(how, sink);
  if (!document_) {
    document_.emplace(context_.tools.buffers);
    (*document_)->append(beginning_);
  }
  if (how) return end_of_document(sink);
  if (status_ == 200 && reader_.read_document(**document_, nullptr) == Piece::stop) {
    // What broke came behind a document that is complete. It is read again, this time for whoever hears it.
    reader_ = anthropic::MessageReader();
    return end_of_document(sink);
  }
  note_unfinished();
  const Kind kind = failure_kind(how.error().code);
  return fail({.kind = kind, .ending = ending_of(kind), .why = how.error().detail});
}

void AnthropicAnswer::abandon() { note_unfinished(); }

std::size_t AnthropicAnswer::kept() const noexcept {
  const std::size_t inner = reader_.kept();
  if (document_) return (*document_)->size() + inner;
  const std::size_t carried = scanner_.carried() + inner;
  return carried > kSmallPart ? carried : 0;
}

// Whether it is known what the body is. `bytes` then begins where the body does.
bool AnthropicAnswer::take_kind(std::string_view& bytes) {
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

// --- a stream -------------------------------------------------------------------------------------------------------

AnswerStream::Step AnthropicAnswer::take_events(AnswerSink& sink) {
  SseEvent event;
  while (scanner_.next(event)) {
    const Step step = take_event(event, sink);
    if (step != Step::more) return step;
  }
  if (!scanner_.too_large()) return Step::more;
  note(false);
  return fail({.ending = Ending::cut_off, .final = true, .why = "an event is larger than may be"});
}

AnswerStream::Step AnthropicAnswer::take_event(const SseEvent& event, AnswerSink& sink) {
  if (event.kind != SseEvent::Kind::data) return Step::more;
  ChatEventSink* const hears = same_ ? nullptr : static_cast<ChatEventSink*>(&sink);
  const Piece piece = reader_.read_event(event.data, hears);
  switch (piece) {
    case Piece::broken:
      note(false);
      return fail({.ending = Ending::cut_off, .final = has_message_, .why = "an event that is no JSON object"});
    case Piece::error:
      note(false);
      return fail_by_error(event.data);
    case Piece::stop:
      if (!has_message_) return fail({.why = "a stream without a message"});
      is_complete_ = true;
      note(true);
      pass_on(event, sink);
      if (!same_) reader_.finish(sink);
      return Step::ended;
    case Piece::begin:
      has_message_ = true;
      break;
    case Piece::part:
    case Piece::ping:
    case Piece::unknown:
      break;
  }
  has_begun_ = true;
  // A ping is none of the answer: until something of that has come, an error can still be one with a status.
  if (has_message_) pass_on(event, sink);
  return Step::more;
}

void AnthropicAnswer::pass_on(const SseEvent& event, AnswerSink& sink) {
  if (!same_) return;
  if (event.canonical) return sink.relay(event.raw);
  std::string& text = context_.tools.text;
  text.assign("event: ").append(event.name).append("\n");
  append_sse_data(text, event.data);
  sink.relay(text);
}

AnswerStream::Step AnthropicAnswer::end_of_stream(const Result<void>& how, AnswerSink& sink) {
  SseEvent event;
  if (how && scanner_.finish(event)) {
    const Step step = take_event(event, sink);
    if (step != Step::more) return step;
  }
  note(false);
  if (!how) return fail({.kind = failure_kind(how.error().code), .ending = Ending::cut_off, .why = how.error().detail});
  const Kind kind = has_message_ ? Kind::lost : Kind::server_error;
  return fail({.kind = kind, .ending = Ending::cut_off, .why = "the stream ended without a message_stop"});
}

// --- a document -----------------------------------------------------------------------------------------------------

AnswerStream::Step AnthropicAnswer::take_document(std::string_view bytes) {
  PaddedBuffer& document = **document_;
  if (status_ != 200) {
    document.append(bytes.substr(0, kMaxError - std::min(kMaxError, document.size())));
    return Step::more;
  }
  if (document.size() + bytes.size() > context_.max_answer) {
    return fail({.ending = Ending::cut_off,
                 .final = true,
                 .why = "the answer is larger than " + std::to_string(context_.max_answer) + " bytes"});
  }
  document.append(bytes);
  return Step::more;
}

AnswerStream::Step AnthropicAnswer::end_of_document(AnswerSink& sink) {
  const PaddedBuffer& body = **document_;
  if (status_ != 200) return fail_by_error(body.view());
  ChatEventSink* const hears = same_ ? nullptr : static_cast<ChatEventSink*>(&sink);
  const Piece piece = reader_.read_document(body, hears);
  if (piece == Piece::error) return fail_by_error(body.view());
  if (piece != Piece::stop) {
    const bool is_billed = piece == Piece::broken && note_unfinished();
    return fail({.ending = is_billed ? Ending::cut_off : Ending::refused,
                 .final = is_billed,
                 .why = "status 200 without a message: " + std::to_string(body.size()) + " bytes"});
  }
  note(true);
  if (!same_) {
    reader_.finish(sink);
    document_.reset();
  }
  return Step::ended;
}

// --- what was learnt ------------------------------------------------------------------------------------------------

void AnthropicAnswer::note(bool is_whole) {
  const anthropic::MessageFacts& facts = reader_.facts();
  if (!facts.id.empty()) report_.generation_id = facts.id;
  if (!facts.model.empty()) report_.served_model = row_model(facts.model);
  if (!facts.stop_reason.empty()) report_.finish_reason = facts.stop_reason;
  report_.weight = facts.weight;
  Reported& figures = report_.figures;
  figures.usage_odd |= facts.usage.odd;
  if (!facts.usage.service_tier.empty()) figures.service_tier = facts.usage.service_tier;
  if (!facts.usage.any()) return;
  figures.usage = facts.usage.total();
  figures.hour_writes = facts.usage.hour_writes();
  figures.output_unknown = !is_whole && !facts.usage_is_final;
}

// Of an answer that broke off, was left, or cannot be read. Of a document it is what it said of itself if that is
// there, else what all of it weighs: its provider may have made and billed the message. Returns whether there is some.
bool AnthropicAnswer::note_unfinished() {
  const std::string_view body = document_ && status_ == 200 ? (*document_)->view() : std::string_view();
  if (body.find("\"content\"") != body.npos) {
    DocumentScan scan;
    scan.push(body);
    reader_.read_outline(scan.outline());
    note(false);
    if (!report_.figures.usage) report_.weight = {.text = static_cast<std::int64_t>(body.size()), .pieces = 1};
    return true;
  }
  note(false);
  return report_.figures.usage || report_.weight.any();
}

AnswerStream::Step AnthropicAnswer::fail(AnswerFault fault) {
  fault_ = std::move(fault);
  return Step::failed;
}

AnswerStream::Step AnthropicAnswer::fail_by_error(std::string_view json) {
  AnswerFacts& facts = context_.tools.facts;
  context_.tools.reader.read(json, facts);
  if (status_ != 200 && !facts.is_object) facts.error = plain_error(json);
  judge_anthropic_error(facts.error, can_wait_);
  if (same_ && status_ != 200 && facts.is_object) facts.error.raw = json;
  facts.has_error = true;
  const Judgement judgement = judge({.status = status_, .operation = context_.operation, .facts = &facts});
  return fail({.kind = judgement.kind,
               .ending = has_message_ ? Ending::cut_off : Ending::refused,
               .final = !judgement.may_follow,
               .status = judgement.status,
               .error = &facts.error});
}

}  // namespace gateway
