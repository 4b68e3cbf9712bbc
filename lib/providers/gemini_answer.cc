#include "providers/gemini_answer.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/row_model.h"
#include "providers/gemini_error.h"
#include "providers/judgement.h"
#include "wire/json/repair.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

}  // namespace

bool GeminiAnswer::is_whole_document() {
  if (reader_.read_document(**document_, nullptr) != Piece::part || !is_complete()) return false;
  reader_ = gemini::ResponseReader();  // it is read again, this time for whoever hears it
  return true;
}

// More candidates may begin as long as not as many as were asked for have.
bool GeminiAnswer::is_complete() const noexcept {
  return reader_.facts().finished && (context_.request.n <= 1 || document_.has_value());
}

// --- a stream -------------------------------------------------------------------------------------------------------

AnswerStream::Step GeminiAnswer::take_event(const SseEvent& event, AnswerSink& sink) {
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
  if (how ? reader_.facts().finished : is_complete()) {
    note(true);
    if (has_only_a_broken_call()) return fail_by_broken_call();
    reader_.finish(sink);
    return Step::ended;
  }
  note(false);
  return fail_unended(how, has_begun_, "finishReason");
}

// --- a document -----------------------------------------------------------------------------------------------------

AnswerStream::Step GeminiAnswer::end_of_document(AnswerSink& sink) {
  const PaddedBuffer& body = **document_;
  if (status_ != 200) return fail_by_error(body.view());
  const Piece piece = reader_.read_document(body, &sink);
  if (piece == Piece::error) return fail_by_error(body.view());
  if (piece != Piece::part || !reader_.facts().finished) {
    const bool says_something = piece == Piece::broken || reader_.facts().weight.bytes() > 0;
    return fail_unreadable(says_something && note_unfinished(), "candidates");
  }
  note(true);
  if (has_only_a_broken_call()) return fail_by_broken_call();
  reader_.finish(sink);
  document_.reset();
  return Step::ended;
}

// The model made a call that cannot be read, and said nothing else: as an answer it would be an empty one that stopped
// where it should.
bool GeminiAnswer::has_only_a_broken_call() const noexcept {
  static constexpr std::string_view kReasons[] = {"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE",
                                                  "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
                                                  "MISSING_THOUGHT_SIGNATURE"};
  const gemini::AnswerFacts& facts = reader_.facts();
  const bool is_broken = std::find(std::begin(kReasons), std::end(kReasons), facts.finish_reason) != std::end(kReasons);
  return is_broken && facts.weight.text == 0 && facts.weight.media == 0;
}

// It is billed, and says nothing of the target: another time the model may do better.
AnswerStream::Step GeminiAnswer::fail_by_broken_call() {
  ProviderError& error = context_.tools.facts.error;
  error = {};
  error.message = reader_.facts().finish_reason;
  return fail({.kind = Kind::request_refused, .ending = Ending::cut_off, .final = true, .error = &error});
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

AnswerStream::Step GeminiAnswer::fail_by_error(std::string_view json) {
  return fail(gemini_fault(context_.tools, context_.operation, status_, json, is_stream_ && has_begun_));
}

}  // namespace gateway
