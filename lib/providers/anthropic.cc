#include "providers/anthropic.h"

#include <algorithm>

#include "providers/anthropic_answer.h"
#include "providers/anthropic_body.h"
#include "providers/model_splice.h"
#include "providers/user_agent.h"

namespace gateway {
namespace {

constexpr std::string_view kMessages = "/messages", kCount = "/messages/count_tokens";

// The client's own bytes, with the model's name and the clamp in place.
Result<void> splice(const DialectRequest& request, BodyTexts& texts, DialectOutput& out) {
  const RequestFacts& facts = *request.facts;
  texts.dropped.clear();
  splice_model(request, texts, out);
  if (request.write_max_tokens) {
    texts.clamp = std::to_string(*request.write_max_tokens);
    out.splice.replace(facts.max_tokens_value, texts.clamp);
  }
  if (!texts.members.empty()) out.splice.replace({facts.object_begin, facts.object_begin}, texts.members);
  return {};
}

// What the operator configures comes before what a client says.
void write_fields(const Provider& provider, const DialectRequest& request, FieldList& fields) {
  const auto& configured = provider.config.headers;
  const auto is_configured = [&configured](std::string_view name) {
    return std::any_of(configured.begin(), configured.end(),
                       [name](const auto& each) { return equal_ignoring_case(each.first, name); });
  };
  fields.add_view("content-type", "application/json");
  fields.add_view("accept", request.facts->stream ? "text/event-stream" : "application/json");
  if (!provider.authorization.empty()) fields.add_view(provider.authorization_name, provider.authorization.reveal());
  bool says_version = is_configured("anthropic-version");
  if (request.chat == nullptr) {
    for (const auto& [name, value] : request.client_fields) {
      if (is_configured(name)) continue;
      fields.add_view(name, value);
      says_version |= name == "anthropic-version";
    }
  }
  if (!says_version) fields.add_view("anthropic-version", kAnthropicVersion);
  for (const auto& [name, value] : configured) fields.add_view(name, value);
  if (!is_configured("user-agent")) fields.add_view("user-agent", user_agent());
}

}  // namespace

AnswerStream& AnthropicDialect::open_answer(const AnswerContext& context, AnswerSlot& slot) const {
  return slot.emplace<AnthropicAnswer>(context);
}

Result<void> AnthropicDialect::write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                                     DialectOutput& out) const {
  if (request.operation != Operation::chat) {
    return Error{ErrorCode::unsupported, "model: its provider has no " + std::string(to_string(request.operation))};
  }
  out.path = provider.base.path;
  out.path += request.counts ? kCount : kMessages;
  write_fields(provider, request, out.fields);
  if (request.chat == nullptr) return splice(request, texts, out);
  const ModelAbilities known;
  const AnthropicBodyOptions options{
      .model = request.target_model,
      .abilities = anthropic_model(request.target_model, request.abilities != nullptr ? *request.abilities : known),
      .stream = request.facts->stream,
      .max_output = request.write_max_tokens,
      .output_bound = request.output_bound};
  texts.body.clear();
  texts.dropped.clear();
  Dropped dropped(texts.dropped, anthropic_features());
  if (auto appended = append_anthropic_body(texts.body, *request.chat, options, dropped); !appended) return appended;
  out.rebuilt = texts.body;
  return {};
}

}  // namespace gateway
