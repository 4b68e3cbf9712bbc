#include "providers/anthropic_answer.h"

#include "base/row_model.h"
#include "providers/anthropic_error.h"
#include "wire/openai/document_scan.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

}  // namespace

void AnthropicAnswer::on_head(const UpstreamHead& head) {
  can_wait_ = !header_value(head.headers, "retry-after").empty();
  ShapedAnswer::on_head(head);
}

bool AnthropicAnswer::is_whole_document() {
  if (reader_.read_document(**document_, nullptr) != Piece::stop) return false;
  reader_ = anthropic::MessageReader();  // it is read again, this time for whoever hears it
  return true;
}

// --- a stream -------------------------------------------------------------------------------------------------------

AnswerStream::Step AnthropicAnswer::take_event(const SseEvent& event, AnswerSink& sink) {
  const Piece piece = reader_.read_event(event.data, hearer(sink));
  switch (piece) {
    case Piece::broken:
      note(false);
      return fail({.ending = Ending::cut_off, .final = has_part_, .why = "an event that is no JSON object"});
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
      has_part_ = has_message_;
      break;
    case Piece::ping:
    case Piece::unknown:
      break;
  }
  has_begun_ = true;
  // A ping is none of the answer, and the beginning has nothing of it either.
  if (has_part_) {
    pass_on(event, sink);
  } else if (has_message_) {
    hold_back(event);
  }
  return Step::more;
}

AnswerStream::Step AnthropicAnswer::end_of_stream(const Result<void>& how, AnswerSink&) {
  note(false);
  if (!how) return fail({.kind = failure_kind(how.error().code), .ending = Ending::cut_off, .why = how.error().detail});
  const Kind kind = has_message_ ? Kind::lost : Kind::server_error;
  return fail({.kind = kind, .ending = Ending::cut_off, .why = "the stream ended without a message_stop"});
}

// --- a document -----------------------------------------------------------------------------------------------------

AnswerStream::Step AnthropicAnswer::end_of_document(AnswerSink& sink) {
  const PaddedBuffer& body = **document_;
  if (status_ != 200) return fail_by_error(body.view());
  ChatEventSink* const hears = hearer(sink);
  const Piece piece = reader_.read_document(body, hears);
  if (piece == Piece::error) return fail_by_error(body.view());
  if (piece != Piece::stop) {
    const bool is_billed = piece == Piece::broken && note_unfinished();
    return fail({.ending = is_billed ? Ending::cut_off : Ending::refused,
                 .final = is_billed,
                 .why = "status 200 without a message: " + std::to_string(body.size()) + " bytes"});
  }
  note(true);
  if (hears != nullptr) {
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

AnswerStream::Step AnthropicAnswer::fail_by_error(std::string_view json) {
  AnswerFacts& facts = context_.tools.facts;
  context_.tools.reader.read(json, facts);
  if (status_ != 200 && !facts.is_object) facts.error = plain_error(json);
  judge_anthropic_error(facts.error, can_wait_);
  if (same_ && status_ != 200 && facts.is_object) facts.error.raw = json;
  facts.has_error = true;
  const Judgement judgement = judge({.status = status_, .operation = context_.operation, .facts = &facts});
  return fail({.kind = judgement.kind,
               .ending = has_part_ ? Ending::cut_off : Ending::refused,
               .final = !judgement.may_follow,
               .status = judgement.status,
               .error = &facts.error});
}

}  // namespace gateway
