#include "providers/gemini_answer.h"

#include <algorithm>
#include <utility>

#include "base/row_model.h"
#include "base/text.h"
#include "providers/gemini_error.h"
#include "providers/judgement.h"
#include "wire/json/repair.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

constexpr std::size_t kMaxGeminiError = 64 * 1024;
constexpr std::size_t kSmallCarry = 64 * 1024;

}  // namespace

GeminiAnswer::GeminiAnswer(const AnswerContext& context)
    : context_(context), streams_(context.request.stream), scanner_(context.max_event) {}

void GeminiAnswer::on_head(const UpstreamHead& head) {
  status_ = head.status;
  const std::string_view type = header_value(head.headers, "content-type");
  says_events_ = equal_ignoring_case(trimmed(type.substr(0, type.find(';'))), "text/event-stream");
  if (status_ != 200 || !streams_) document_.emplace(context_.tools.buffers);
}

AnswerStream::Step GeminiAnswer::push(std::string_view bytes, AnswerSink& sink) {
  if (!document_ && !is_stream_ && !take_kind(bytes)) return Step::more;
  if (document_) {
    has_begun_ = true;
    return take_document(bytes);
  }
  scanner_.push(bytes);
  return take_events(sink);
}

AnswerStream::Step GeminiAnswer::finish(const Result<void>& how, AnswerSink& sink) {
  if (is_stream_) return end_of_stream(how, sink);
  if (!document_) {
    document_.emplace(context_.tools.buffers);
    (*document_)->append(beginning_);
  }
  if (how) return end_of_document(sink);
  if (status_ == 200 && reader_.read_document(**document_, nullptr) == Piece::part && is_complete()) {
    // What broke came after a document that is complete. It is read again, this time for whoever hears it.
    reader_ = gemini::ResponseReader();
    return end_of_document(sink);
  }
  note_unfinished();
  const Kind kind = failure_kind(how.error().code);
  return fail({.kind = kind, .ending = ending_of(kind), .why = how.error().detail});
}

void GeminiAnswer::abandon() { note_unfinished(); }

// More candidates may begin as long as not as many as were asked for have.
bool GeminiAnswer::is_complete() const noexcept {
  return reader_.facts().finished && (context_.request.n <= 1 || document_.has_value());
}

std::size_t GeminiAnswer::kept() const noexcept {
  const std::size_t inner = reader_.kept();
  if (document_) return (*document_)->size() + inner;
  const std::size_t carried = scanner_.carried() + inner;
  return carried > kSmallCarry ? carried : 0;
}

// Whether it is known what the body is. `bytes` then begins where the body does.
bool GeminiAnswer::take_kind(std::string_view& bytes) {
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

AnswerStream::Step GeminiAnswer::take_events(AnswerSink& sink) {
  SseEvent event;
  while (scanner_.next(event)) {
    const Step step = take_event(event, sink);
    if (step != Step::more) return step;
  }
  if (!scanner_.too_large()) return Step::more;
  note(false);
  return fail({.ending = Ending::cut_off, .final = true, .why = "an event is larger than may be"});
}

AnswerStream::Step GeminiAnswer::take_event(const SseEvent& event, AnswerSink& sink) {
  if (event.kind != SseEvent::Kind::data || is_sse_done(event.data)) return Step::more;
  switch (reader_.read_chunk(event.data, &sink)) {
    case Piece::broken:
      note(false);
      return fail({.ending = Ending::cut_off, .final = has_begun_, .why = "an event that is no JSON object"});
    case Piece::error:
      note(false);
      return fail_by_error(event.data);
    case Piece::unknown:
      return Step::more;
    case Piece::part:
      break;
  }
  has_begun_ = true;
  return Step::more;
}

// The stream has no mark of its end: it is complete if each candidate says why it stopped.
AnswerStream::Step GeminiAnswer::end_of_stream(const Result<void>& how, AnswerSink& sink) {
  SseEvent event;
  if (how && scanner_.finish(event)) {
    const Step step = take_event(event, sink);
    if (step != Step::more) return step;
  }
  if (how ? reader_.facts().finished : is_complete()) {
    note(true);
    reader_.finish(sink);
    return Step::ended;
  }
  note(false);
  if (!how) return fail({.kind = failure_kind(how.error().code), .ending = Ending::cut_off, .why = how.error().detail});
  const Kind kind = has_begun_ ? Kind::lost : Kind::server_error;
  return fail({.kind = kind, .ending = Ending::cut_off, .why = "the stream ended without a finishReason"});
}

// --- a document -----------------------------------------------------------------------------------------------------

AnswerStream::Step GeminiAnswer::take_document(std::string_view bytes) {
  PaddedBuffer& document = **document_;
  if (status_ != 200) {
    document.append(bytes.substr(0, kMaxGeminiError - std::min(kMaxGeminiError, document.size())));
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

AnswerStream::Step GeminiAnswer::end_of_document(AnswerSink& sink) {
  const PaddedBuffer& body = **document_;
  if (status_ != 200) return fail_by_error(body.view());
  const Piece piece = reader_.read_document(body, &sink);
  if (piece == Piece::error) return fail_by_error(body.view());
  if (piece != Piece::part || !reader_.facts().finished) {
    const bool says_something = piece == Piece::broken || reader_.facts().weight.bytes() > 0;
    const bool is_billed = says_something && note_unfinished();
    return fail({.ending = is_billed ? Ending::cut_off : Ending::refused,
                 .final = is_billed,
                 .why = "status 200 without candidates: " + std::to_string(body.size()) + " bytes"});
  }
  note(true);
  reader_.finish(sink);
  document_.reset();
  return Step::ended;
}

// --- what was learnt ------------------------------------------------------------------------------------------------

void GeminiAnswer::note(bool is_whole) {
  const gemini::AnswerFacts& facts = reader_.facts();
  if (!facts.id.empty()) report_.generation_id = facts.id;
  if (!facts.model.empty()) report_.served_model = row_model(facts.model);
  if (!facts.finish_reason.empty()) report_.finish_reason = facts.finish_reason;
  report_.weight = facts.weight;
  Reported& figures = report_.figures;
  figures.usage_odd |= facts.usage.odd;
  if (!facts.usage.tier.empty()) figures.service_tier = facts.usage.tier;
  if (!facts.usage.given) return;
  figures.usage = facts.usage.total();
  figures.audio_input = facts.usage.plain_audio_input();
  figures.audio_output = facts.usage.audio_output;
  figures.image_output = facts.usage.image_output;
  figures.output_unknown = !is_whole && !facts.finished;
}

// Of an answer that broke off, was left, or cannot be read: of a document as much as there is of it. Returns whether
// its provider may have billed it.
bool GeminiAnswer::note_unfinished() {
  const bool has_some = document_ && status_ == 200 && (*document_)->view().find("\"candidates\"") != std::string::npos;
  if (has_some) {
    PaddedBuffer closed;
    closed.append(json::closed((*document_)->view()));
    reader_ = gemini::ResponseReader();
    if (reader_.read_document(closed, nullptr) == Piece::broken && !report_.weight.any()) {
      report_.weight = {.text = static_cast<std::int64_t>((*document_)->size()), .pieces = 1};
      return true;
    }
  }
  note(false);
  return has_some || report_.figures.usage || report_.weight.any();
}

AnswerStream::Step GeminiAnswer::fail(AnswerFault fault) {
  fault_ = std::move(fault);
  return Step::failed;
}

AnswerStream::Step GeminiAnswer::fail_by_error(std::string_view json) {
  return fail(gemini_fault(context_.tools, context_.operation, status_, json, is_stream_ && has_begun_));
}

}  // namespace gateway
