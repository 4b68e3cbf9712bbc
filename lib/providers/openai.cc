#include "providers/openai.h"

#include "chat/endpoint.h"
#include "providers/host_habits.h"
#include "providers/length_field.h"
#include "providers/media_answer.h"
#include "providers/model_splice.h"
#include "providers/openai_answer.h"
#include "providers/openai_body.h"
#include "providers/user_agent.h"
#include "wire/openai/error_body.h"

namespace gateway {
namespace {

// Usage is ours to know; what else a client put into stream_options stays as it is.
void request_usage(const RequestFacts& facts, Splice& splice, std::string& members) {
  if (facts.stream_options_value.empty()) {
    members += "\"stream_options\":{\"include_usage\":true},";
  } else if (!facts.stream_options_is_object) {
    splice.replace(facts.stream_options_value, "{\"include_usage\":true}");
  } else if (!facts.include_usage_value.empty()) {
    splice.replace(facts.include_usage_value, "true");
  } else {
    const std::size_t inside = facts.stream_options_value.begin + 1;
    splice.replace({inside, inside},
                   facts.stream_options_object_empty ? "\"include_usage\":true" : "\"include_usage\":true,");
  }
}

LengthField length_field(const Provider& provider, const DialectRequest& request) noexcept {
  return request.length_field.value_or(usual_length_field(provider.base.origin.host, request.target_model));
}

// Whether a stream is asked for its usage: only where that is needed, and known.
bool asks_usage(const Provider& provider, const DialectRequest& request, bool needs_asking) noexcept {
  const bool usual = provider.config.ask_usage && provider.habits->asks_usage;
  return needs_asking && request.ask_usage.value_or(usual);
}

OpenAiBodyOptions options_of(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                             bool needs_asking) {
  const HostHabits& habits = *provider.habits;
  return {.model = request.target_model,
          .stream = request.facts->stream,
          .ask_usage = asks_usage(provider, request, needs_asking),
          .names_models = request.names_models,
          .max_output = request.write_max_tokens,
          .length_field = length_field(provider, request),
          .reasoning = habits.reasoning,
          .cache_marks = !habits.cache_marks.empty() && request.target_model.starts_with(habits.cache_marks),
          .short_names = request.short_names,
          .call_signatures = habits.call_signatures,
          .habits = &habits,
          .dropped = &texts.dropped};
}

std::string_view accepted_type(Operation operation, const RequestFacts& facts) noexcept {
  if (facts.stream) return "text/event-stream";
  const EndpointInfo::Usable usable = info_of(operation).usable;
  const bool answers_json = usable != EndpointInfo::Usable::text && usable != EndpointInfo::Usable::bytes;
  return answers_json ? "application/json" : "*/*";
}

void write_clamp(const Provider& provider, const DialectRequest& request, BodyTexts& texts, Splice& splice) {
  const RequestFacts& facts = *request.facts;
  texts.clamp = std::to_string(*request.write_max_tokens);
  if (facts.max_tokens) splice.replace(facts.max_tokens_value, texts.clamp);
  const bool is_completion = request.operation == Operation::completions;  // which has but one name for it
  const LengthField field = is_completion ? LengthField::max_tokens : length_field(provider, request);
  if (facts.max_completion_tokens && !is_completion) {
    // By this name alone it may be read by nobody; and some refuse to read it by both.
    const bool is_read = facts.max_tokens || field == LengthField::max_completion_tokens;
    splice.replace(facts.max_completion_tokens_value, is_read ? std::string_view(texts.clamp) : "null");
    if (is_read) return;
  }
  if (facts.max_tokens) return;
  const ByteRange& null = field == LengthField::max_tokens ? facts.max_tokens_value : facts.max_completion_tokens_value;
  if (!null.empty()) return splice.replace(null, texts.clamp);
  texts.members.append("\"").append(to_string(field)).append("\":").append(texts.clamp).append(",");
}

}  // namespace

Result<void> write_openai_request(const Provider& provider, const DialectRequest& request, bool needs_asking,
                                  BodyTexts& texts, DialectOutput& out) {
  const RequestFacts& facts = *request.facts;
  out.path = provider.base.path;
  out.path += info_of(request.operation).path;
  out.fields.add_view("content-type", facts.boundary.empty() ? "application/json" : request.content_type);
  out.fields.add_view("accept", accepted_type(request.operation, facts));
  if (!provider.authorization.empty()) {
    out.fields.add_view(provider.authorization_name, provider.authorization.reveal());
  }
  bool names_agent = false;
  for (const auto& [name, value] : provider.config.headers) {
    names_agent |= equal_ignoring_case(name, "user-agent");
    out.fields.add_view(name, value);
  }
  if (!names_agent) out.fields.add_view("user-agent", user_agent());

  texts.dropped.clear();
  if (request.chat != nullptr) {
    texts.body.clear();
    const OpenAiBodyOptions options = options_of(provider, request, texts, needs_asking);
    const auto appended = append_openai_body(texts.body, *request.chat, options);
    if (!appended && !request.may_relay) return appended;
    if (appended) {
      out.rebuilt = texts.body;
      out.asked_usage = facts.stream && options.ask_usage && !facts.include_usage;
      return {};
    }
    texts.dropped.clear();
  }
  splice_model(request, texts, out);
  if (info_of(request.operation).has_output) {
    const bool ask = asks_usage(provider, request, needs_asking);
    out.asked_usage = ask && facts.stream && !facts.include_usage;
    if (out.asked_usage) request_usage(facts, out.splice, texts.members);
    if (request.write_max_tokens) write_clamp(provider, request, texts, out.splice);
  }
  // The object holds at least messages or an input, so a comma may always follow; a form's parts follow each other.
  if (!texts.members.empty()) out.splice.replace({facts.object_begin, facts.object_begin}, texts.members);
  return {};
}

bool OpenAiDialect::rewrites(const Provider& provider) const noexcept { return provider.habits->rewrites; }

AnswerStream& OpenAiDialect::open_answer(const AnswerContext& context, AnswerSlot& slot) const {
  if (has_media_answer(context.operation, context.request)) return slot.emplace<MediaAnswer>(context);
  return slot.emplace<OpenAiAnswer>(context);
}

Result<void> OpenAiDialect::write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                                  DialectOutput& out) const {
  return write_openai_request(provider, request, true, texts, out);
}

}  // namespace gateway
