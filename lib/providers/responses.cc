#include "providers/responses.h"

#include "providers/host_habits.h"
#include "providers/model_splice.h"
#include "providers/responses_answer.h"
#include "providers/responses_body.h"
#include "providers/usual_fields.h"

namespace gateway {
namespace {

// The client's own bytes, with the model's name and the clamp in place.
Result<void> splice_response(const DialectRequest& request, BodyTexts& texts, DialectOutput& out) {
  const RequestFacts& facts = *request.facts;
  if (!facts.needs_state.empty()) {
    return Error{
        ErrorCode::unsupported,
        facts.needs_state + ": what it brings along cannot be priced: send the conversation whole, in 'input'"};
  }
  texts.dropped.clear();
  splice_model(request, texts, out);
  if (request.write_max_tokens) {
    texts.clamp = std::to_string(*request.write_max_tokens);
    if (!facts.max_completion_tokens_value.empty()) {
      out.splice.replace(facts.max_completion_tokens_value, texts.clamp);
    } else {
      texts.members.append("\"max_output_tokens\":").append(texts.clamp).append(",");
    }
  }
  if (!texts.members.empty()) out.splice.replace({facts.object_begin, facts.object_begin}, texts.members);
  return {};
}

}  // namespace

void write_stored_response(const Provider& provider, const StoredResponseRequest& request, DialectOutput& out) {
  out.path.append(provider.base.path).append("/responses/");
  append_path_segment(out.path, request.id);
  out.path += request.part;
  if (!request.query.empty()) out.path.append("?").append(request.query);
  out.fields.add_view("accept", "application/json, text/event-stream");
  append_caller_fields(provider, out.fields);
}

AnswerStream& ResponsesDialect::open_answer(const AnswerContext& context, AnswerSlot& slot) const {
  return slot.emplace<ResponsesAnswer>(context);
}

Result<void> ResponsesDialect::write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                                     DialectOutput& out) const {
  if (request.operation != Operation::chat) {
    return Error{ErrorCode::unsupported, "model: its provider has no " + std::string(to_string(request.operation))};
  }
  out.path = provider.base.path;
  out.path += "/responses";
  append_usual_fields(provider, request.facts->stream, out.fields);
  if (request.chat == nullptr) return splice_response(request, texts, out);
  const ModelAbilities known;
  const ResponsesBodyOptions options{
      .model = request.target_model,
      .abilities = responses_model(request.target_model, request.abilities != nullptr ? *request.abilities : known),
      .signs_as = provider.signs_as,
      .reads_reasoning = provider.habits->reasoning != ReasoningHistory::none,
      .stream = request.facts->stream,
      .short_names = request.short_names,
      .max_output = request.write_max_tokens};
  texts.body.clear();
  texts.dropped.clear();
  Dropped dropped(texts.dropped, responses_features());
  if (auto appended = append_responses_body(texts.body, *request.chat, options, dropped); !appended) return appended;
  out.rebuilt = texts.body;
  return {};
}

}  // namespace gateway
