#include "providers/responses_answer.h"

#include "base/row_model.h"
#include "providers/counted_usage.h"
#include "wire/openai/document_scan.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

std::string_view signer(const AnswerContext& context) noexcept {
  return context.provider != nullptr ? std::string_view(context.provider->signs_as) : responses::kRawOrigin;
}

// What the code of an error within a stream means, which came with no status.
int status_of_code(std::string_view code) noexcept {
  if (code == "rate_limit_exceeded" || code == "insufficient_quota") return 429;
  if (code == "server_is_overloaded" || code == "slow_down") return 503;
  if (code == "server_error" || code == "vector_store_timeout") return 500;
  return code.empty() ? 0 : 400;
}

}  // namespace

ResponsesAnswer::ResponsesAnswer(const AnswerContext& context)
    : ShapedAnswer(context, Shape::responses), reader_(signer(context)) {}

bool ResponsesAnswer::is_whole_document() {
  if (reader_.read_document(**document_, nullptr) != Piece::stop) return false;
  reader_ = responses::ResponseReader(signer(context_));  // it is read again, this time for whoever hears it
  return true;
}

AnswerStream::Step ResponsesAnswer::take_event(const SseEvent& event, AnswerSink& sink) {
  switch (reader_.read_event(event.data, hearer(sink))) {
    case Piece::broken:
      note(false);
      return fail({.ending = Ending::cut_off, .final = has_output_, .why = "an event that is no JSON object"});
    case Piece::error:
      note(false);
      return fail_by_error(reader_.facts().error.empty() ? event.data : std::string_view(reader_.facts().error));
    case Piece::stop:
      is_complete_ = true;
      note(true);
      pass_on(event, sink);
      if (!same_) reader_.finish(sink);
      return Step::ended;
    case Piece::begin:
      has_begun_ = true;
      hold_back(event);
      return Step::more;
    case Piece::part:
      has_output_ = true;
      break;
    case Piece::unknown:
      break;
  }
  has_begun_ = true;
  pass_on(event, sink);
  return Step::more;
}

AnswerStream::Step ResponsesAnswer::end_of_stream(const Result<void>& how, AnswerSink&) {
  note(false);
  return fail_unended(how, has_begun_, "response.completed");
}

AnswerStream::Step ResponsesAnswer::end_of_document(AnswerSink& sink) {
  const PaddedBuffer& body = **document_;
  if (status_ != 200) return fail_by_error(body.view());
  ChatEventSink* const hears = hearer(sink);
  const Piece piece = reader_.read_document(body, hears);
  if (piece == Piece::error) {
    note(false);
    return fail_by_error(reader_.facts().error.empty() ? body.view() : std::string_view(reader_.facts().error));
  }
  if (piece != Piece::stop) return fail_unreadable(piece == Piece::broken && note_unfinished(), "a response");
  note(true);
  if (hears != nullptr) {
    reader_.finish(sink);
    document_.reset();
  }
  return Step::ended;
}

void ResponsesAnswer::note(bool is_whole) {
  const responses::ResponseFacts& facts = reader_.facts();
  if (!facts.id.empty()) report_.generation_id = facts.id;
  if (!facts.model.empty()) report_.served_model = row_model(facts.model);
  if (!facts.ending.empty()) report_.finish_reason = facts.ending;
  report_.weight = facts.weight;
  if (!facts.has_figures) return;
  Reported& figures = report_.figures;
  figures.usage_odd |= facts.figures.usage_odd || facts.beside;
  if (!facts.figures.service_tier.empty()) figures.service_tier = facts.figures.service_tier;
  if (facts.figures.cost) figures.cost = facts.figures.cost;
  figures.usage = counted_usage(facts.figures, context_.operation, context_.request);
  if (!figures.usage) return;
  figures.usage->searches = facts.searches;
  figures.output_unknown = !is_whole && facts.ending.empty() && facts.error.empty();
}

bool ResponsesAnswer::note_unfinished() {
  return note_outline("\"output\"", [this](const auto& outline) { reader_.read_outline(outline); });
}

AnswerStream::Step ResponsesAnswer::fail_by_error(std::string_view json) {
  AnswerFacts& facts = context_.tools.facts;
  context_.tools.reader.read(json, facts);
  if (status_ != 200 && !facts.is_object) facts.error = plain_error(json);
  if (status_ == 200 && facts.error.status == 0) facts.error.status = status_of_code(facts.error.code);
  return fail_as_judged(json, has_output_);
}

}  // namespace gateway
