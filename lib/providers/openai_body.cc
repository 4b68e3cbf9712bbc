#include "providers/openai_body.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/text_hash.h"
#include "chat/tool_name.h"
#include "providers/carried.h"
#include "providers/host_habits.h"
#include "providers/length_field.h"
#include "providers/openai_body_messages.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

using chat::Tool;
using chat::ToolChoice;
using json::append_comma;
using json::append_json;
using json::append_key;
using json::append_number;
using json::append_text;

constexpr std::string_view kOwnTools = "openai";
// Budgets of tokens have no place here: the efforts that others make of them.
constexpr std::int64_t kLowBudget = 2048, kMediumBudget = 8192;

void append_given(std::string& out, std::string_view key, std::string_view json) {
  if (!json.empty()) append_json(out, key, json);
}
void append_given_text(std::string& out, std::string_view key, std::string_view text) {
  if (!text.empty()) append_text(out, key, text);
}
void append_given_flag(std::string& out, std::string_view key, std::optional<bool> flag) {
  if (flag) append_json(out, key, *flag ? "true" : "false");
}
void append_given_texts(std::string& out, std::string_view key, const std::vector<std::string_view>& texts) {
  if (texts.empty()) return;
  append_json(out, key, "[");
  for (const std::string_view text : texts) {
    append_comma(out);
    append_json_string(out, text);
  }
  out += ']';
}

// Whether its host refuses the field, so that it is left out.
bool leaves_out(const OpenAiBodyOptions& options, std::string_view field) {
  if (options.habits == nullptr || !may_drop(options.habits->features, field)) return false;
  if (options.dropped != nullptr) Dropped(*options.dropped, options.habits->features).add(field);
  return true;
}

void append_sampling(std::string& out, const chat::Sampling& sampling, const OpenAiBodyOptions& options) {
  append_given(out, "temperature", sampling.temperature);
  append_given(out, "top_p", sampling.top_p);
  append_given(out, "top_k", sampling.top_k);
  append_given(out, options.habits == nullptr ? "seed" : options.habits->seed, sampling.seed);
  append_given(out, "frequency_penalty", sampling.frequency_penalty);
  append_given(out, "presence_penalty", sampling.presence_penalty);
  append_given_texts(out, "stop", sampling.stop);
  append_given_flag(out, "logprobs", sampling.logprobs);
  append_given(out, "top_logprobs", sampling.top_logprobs);
  append_given(out, "logit_bias", sampling.logit_bias);
  if (sampling.n != 1) append_number(out, "n", sampling.n);
}

// --- tools ----------------------------------------------------------------------------------------------------------

std::string name_of(std::string_view name, const OpenAiBodyOptions& options) {
  return options.short_names ? short_tool_name(name) : std::string(name);
}

Result<void> append_tool(std::string& out, const Tool& tool, const OpenAiBodyOptions& options) {
  append_comma(out);
  if (tool.kind == Tool::Kind::server) {
    if (tool.origin != kOwnTools) {
      return Error{ErrorCode::unsupported,
                   "tools: '" + std::string(tool.name) + "' runs at another provider and has no place in them"};
    }
    out += tool.schema;
    return {};
  }
  const bool custom = tool.kind == Tool::Kind::custom;
  out += '{';
  append_text(out, "type", custom ? "custom" : "function");
  append_json(out, custom ? "custom" : "function", "{");
  append_text(out, "name", name_of(tool.name, options));
  append_given_text(out, "description", tool.description);
  append_given(out, custom ? "format" : "parameters", tool.schema);
  append_given_flag(out, "strict", tool.strict);
  out += '}';
  append_cache_mark(out, tool.cache, options);
  out += '}';
  return {};
}

Result<void> append_tools(std::string& out, const std::vector<Tool>& tools, const OpenAiBodyOptions& options) {
  if (tools.empty()) return {};
  append_json(out, "tools", "[");
  for (const Tool& tool : tools) {
    if (auto appended = append_tool(out, tool, options); !appended) return appended;
  }
  out += ']';
  return {};
}

void append_tool_name(std::string& out, std::string_view name, bool custom, const OpenAiBodyOptions& options) {
  out += '{';
  append_text(out, "type", custom ? "custom" : "function");
  append_json(out, custom ? "custom" : "function", "{");
  append_text(out, "name", name_of(name, options));
  out += "}}";
}

void append_tool_choice(std::string& out, const ToolChoice& choice, const std::vector<Tool>& tools,
                        const OpenAiBodyOptions& options) {
  const std::set<std::string_view> customs = custom_names(tools);
  switch (choice.kind) {
    case ToolChoice::Kind::unset:
      break;
    case ToolChoice::Kind::automatic:
      append_text(out, "tool_choice", "auto");
      break;
    case ToolChoice::Kind::none:
      append_text(out, "tool_choice", "none");
      break;
    case ToolChoice::Kind::required:
      append_text(out, "tool_choice", options.habits == nullptr ? "required" : options.habits->required);
      break;
    case ToolChoice::Kind::named: {
      const std::string_view name = choice.names.empty() ? std::string_view() : choice.names[0];
      append_key(out, "tool_choice");
      append_tool_name(out, name, customs.contains(name), options);
      break;
    }
    case ToolChoice::Kind::allowed:
      append_json(out, "tool_choice", "{\"type\":\"allowed_tools\",\"allowed_tools\":{");
      append_text(out, "mode", choice.must_call ? "required" : "auto");
      append_json(out, "tools", "[");
      for (const std::string_view name : choice.names) {
        append_comma(out);
        append_tool_name(out, name, customs.contains(name), options);
      }
      out += "]}}";
      break;
  }
  append_given_flag(out, "parallel_tool_calls", choice.parallel);
}

// --- what the answer is to be like ----------------------------------------------------------------------------------

void append_output(std::string& out, const chat::Output& output) {
  append_given_texts(out, "modalities", output.modalities);
  if (output.kind == chat::Output::Kind::text) return;
  if (output.kind == chat::Output::Kind::json) return append_json(out, "response_format", "{\"type\":\"json_object\"}");
  append_json(out, "response_format", "{\"type\":\"json_schema\",\"json_schema\":{");
  append_text(out, "name", output.name.empty() ? "answer" : output.name);  // without one it is refused
  append_given_text(out, "description", output.description);
  append_given(out, "schema", output.schema);
  append_given_flag(out, "strict", output.strict);
  out += "}}";
}

void append_reasoning(std::string& out, const chat::ReasoningWish& wish) {
  switch (wish.kind) {
    case chat::ReasoningWish::Kind::unset:
      break;
    case chat::ReasoningWish::Kind::off:
      append_text(out, "reasoning_effort", "none");
      break;
    case chat::ReasoningWish::Kind::effort:
    case chat::ReasoningWish::Kind::adaptive:
      append_given_text(out, "reasoning_effort", wish.effort);
      break;
    case chat::ReasoningWish::Kind::budget:
      append_text(out, "reasoning_effort",
                  wish.budget <= kLowBudget      ? "low"
                  : wish.budget <= kMediumBudget ? "medium"
                                                 : "high");
      break;
  }
}

}  // namespace

Result<void> append_openai_body(std::string& out, const ChatRequest& chat, const OpenAiBodyOptions& options) {
  out += '{';
  append_text(out, "model", options.model);
  append_key(out, "messages");
  if (auto appended = append_openai_messages(out, chat, options); !appended) return appended;
  if (options.stream) append_json(out, "stream", "true");
  if (options.stream && options.ask_usage) append_json(out, "stream_options", "{\"include_usage\":true}");
  const auto limit = options.max_output ? options.max_output : chat.sampling.max_output;
  if (limit) append_number(out, to_string(options.length_field), *limit);
  append_sampling(out, chat.sampling, options);
  if (auto appended = append_tools(out, chat.tools, options); !appended) return appended;
  append_tool_choice(out, chat.tool_choice, chat.tools, options);
  append_output(out, chat.output);
  append_reasoning(out, chat.reasoning);
  if (!chat.metadata.empty() && !leaves_out(options, "metadata")) append_json(out, "metadata", chat.metadata);
  if (!chat.user.empty() && !leaves_out(options, "user"))
    append_text(out, "user", bounded_id("user_", chat.user, kMostOfUser));
  if (!chat.service_tier.empty() && !leaves_out(options, "service_tier")) {
    append_text(out, "service_tier", chat.service_tier);
  }
  append_given(out, "prediction", chat.prediction);
  for (const chat::Extra& extra : chat.extra) {
    if (extra.name == "models" && !options.names_models) continue;
    if (leaves_out(options, extra.name)) continue;
    append_comma(out);
    append_json_string(out, extra.name);
    out.append(":").append(extra.json);
  }
  out += '}';
  return {};
}

}  // namespace gateway
