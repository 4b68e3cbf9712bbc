#include "surfaces/openai_parts.h"

namespace gateway::openai {

using chat::FinishReason;

std::string_view finish_word(const chat::Finish& finish) noexcept {
  switch (finish.reason) {
    case FinishReason::stop:
    case FinishReason::pause:
      return "stop";
    case FinishReason::length:
      return "length";
    case FinishReason::tools:
      return finish.text == "function_call" ? "function_call" : "tool_calls";
    case FinishReason::filter:
    case FinishReason::refusal:
      return "content_filter";
    case FinishReason::other:
      break;
  }
  return finish.text.empty() ? "stop" : finish.text;
}

void append_usage(std::string& out, const chat::UsageReport& report) {
  const Usage& usage = report.usage;
  out += '{';
  append_number(out, "prompt_tokens", usage.input);
  append_number(out, "completion_tokens", usage.output);
  append_number(out, "total_tokens", usage.input + usage.output);
  append_json(out, "prompt_tokens_details", "{");
  append_number(out, "cached_tokens", usage.cached_input);
  if (usage.cache_write > 0) append_number(out, "cache_write_tokens", usage.cache_write);
  out += '}';
  append_json(out, "completion_tokens_details", "{");
  append_number(out, "reasoning_tokens", usage.reasoning);
  out += '}';
  if (report.cost) append_json(out, "cost", report.cost->to_string());
  out += '}';
}

void append_reasoning_detail(std::string& out, std::string_view text, const chat::ReasoningEnd& end) {
  out += '{';
  if (end.redacted.empty()) {
    append_text(out, "type", "reasoning.text");
    append_text(out, "text", text);
    append_text(out, "signature", end.signature);
  } else {
    append_text(out, "type", "reasoning.encrypted");
    append_text(out, "data", end.redacted);
  }
  if (!end.origin.empty()) append_text(out, "format", end.origin);
  out += '}';
}

bool is_signed(const chat::ReasoningEnd& end) noexcept { return !end.signature.empty() || !end.redacted.empty(); }

void append_signature(std::string& out, std::string_view signature) {
  append_json(out, "extra_content", "{\"google\":{");
  append_text(out, "thought_signature", signature);
  out += "}}";
}

void append_function(std::string& out, bool custom, std::string_view name, std::string_view arguments) {
  out += '{';
  append_text(out, "name", name);
  append_text(out, custom ? "input" : "arguments", arguments);
  out += '}';
}

void Head::take(const chat::Begin& begin) {
  id_ = begin.id;
  model_ = begin.model;
  created_ = begin.created;
}

void Head::append(std::string& out, std::string_view object) const {
  append_text(out, "id", id_);
  append_text(out, "object", object);
  append_number(out, "created", created_);
  append_text(out, "model", model_);
}

}  // namespace gateway::openai
