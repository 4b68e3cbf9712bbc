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
  return fail_unended(how, has_message_, "message_stop");
}

// --- a document -----------------------------------------------------------------------------------------------------

AnswerStream::Step AnthropicAnswer::end_of_document(AnswerSink& sink) {
  const PaddedBuffer& body = **document_;
  if (status_ != 200) return fail_by_error(body.view());
  ChatEventSink* const hears = hearer(sink);
  const Piece piece = reader_.read_document(body, hears);
  if (piece == Piece::error) return fail_by_error(body.view());
  if (piece != Piece::stop) return fail_unreadable(piece == Piece::broken && note_unfinished(), "a message");
  note(true);
  if (hears != nullptr) {
    reader_.finish(sink);
    document_.reset();
  }
  return Step::ended;
}

// --- what was learnt ------------------------------------------------------------------------------------------------

void AnthropicAnswer::note(bool) {
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
  figures.output_unknown = !facts.usage_is_final;
}

bool AnthropicAnswer::note_unfinished() {
  return note_outline("\"content\"", [this](const auto& outline) { reader_.read_outline(outline); });
}

AnswerStream::Step AnthropicAnswer::fail_by_error(std::string_view json) {
  AnswerFacts& facts = context_.tools.facts;
  context_.tools.reader.read(json, facts);
  if (status_ != 200 && !facts.is_object) facts.error = plain_error(json);
  judge_anthropic_error(facts.error, can_wait_);
  return fail_as_judged(json, has_part_);
}

}  // namespace gateway
