#include <algorithm>
#include <set>
#include <vector>

#include "providers/anthropic_parts.h"
#include "wire/json/members.h"

namespace gateway::anthropic {
namespace {

using chat::Tool;
using chat::ToolChoice;
using json::append_comma;
using json::append_json;
using json::append_text;

constexpr std::string_view kNoParameters = R"({"type":"object","properties":{}})";

// Those that Anthropic defines and the client runs: "bash_20250124".
bool is_run_by_client(std::string_view type) noexcept {
  static constexpr std::string_view kKinds[] = {"bash_20", "text_editor_20", "computer_20", "memory_20"};
  return std::any_of(std::begin(kKinds), std::end(kKinds),
                     [&](std::string_view kind) { return type.starts_with(kind); });
}

Result<void> append_tool(std::string& out, const Tool& tool, const AnthropicModel& model, Dropped& dropped) {
  append_comma(out);
  if (tool.kind == Tool::Kind::server) {
    if (tool.origin != kOwn && !is_run_by_client(tool.name)) {
      return Error{ErrorCode::unsupported, "tools: '" + std::string(tool.name) +
                                               "' runs at its provider, and this one has no place for it here"};
    }
    out += tool.schema;
    return {};
  }
  if (tool.kind == Tool::Kind::custom) {
    return Error{ErrorCode::unsupported, "tools: this model's provider has no custom tools"};
  }
  const bool strict = tool.strict.value_or(false);
  out += '{';
  append_text(out, "name", tool.name);
  if (!tool.description.empty()) append_text(out, "description", tool.description);
  if (strict && !model.schemas) dropped.add("tools.strict");
  if (strict && model.schemas) {
    append_json(out, "strict", "true");
    json::append_key(out, "input_schema");
    append_strict_schema(out, tool.schema.empty() ? kNoParameters : tool.schema);
  } else {
    const bool has_schema = tool.schema.size() > 2 && tool.schema.front() == '{';
    json::append_key(out, "input_schema");
    has_schema ? append_tool_schema(out, tool.schema) : void(out += kNoParameters);
  }
  append_cache_mark(out, tool.cache);
  out += '}';
  return {};
}

// Calls in the history need a list of tools: those that were called.
bool append_called_tools(std::string& out, const ChatRequest& chat) {
  std::set<std::string_view> names;
  for (const chat::Turn& turn : chat.turns) {
    for (const chat::Block& block : turn.blocks) {
      const auto* call = std::get_if<chat::ToolCall>(&block.value);
      if (call == nullptr || !names.insert(call->name).second) continue;
      if (names.size() == 1) append_json(out, "tools", "[");
      append_comma(out);
      out += '{';
      append_text(out, "name", call->name);
      append_json(out, "input_schema", kNoParameters);
      out += '}';
    }
  }
  if (!names.empty()) out += ']';
  return !names.empty();
}

std::string_view kind_of(const ToolChoice& choice) noexcept {
  switch (choice.kind) {
    case ToolChoice::Kind::none:
      return "none";
    case ToolChoice::Kind::required:
      return "any";
    case ToolChoice::Kind::named:
      return "tool";
    case ToolChoice::Kind::allowed:
      return choice.must_call ? "any" : "auto";
    case ToolChoice::Kind::unset:
    case ToolChoice::Kind::automatic:
      break;
  }
  return "auto";
}

void append_choice(std::string& out, const ToolChoice& choice) {
  const bool one_at_a_time = choice.parallel.has_value() && !*choice.parallel;
  if (choice.kind == ToolChoice::Kind::unset && !one_at_a_time) return;
  append_json(out, "tool_choice", "{");
  append_text(out, "type", kind_of(choice));
  if (choice.kind == ToolChoice::Kind::named && !choice.names.empty()) append_text(out, "name", choice.names[0]);
  if (one_at_a_time && choice.kind != ToolChoice::Kind::none) append_json(out, "disable_parallel_tool_use", "true");
  out += '}';
}

}  // namespace

bool forces_tool(const ToolChoice& choice) noexcept {
  const std::string_view kind = kind_of(choice);
  return kind == "any" || kind == "tool";
}

Result<void> append_tools(std::string& out, const ChatRequest& chat, const AnthropicModel& model, Dropped& dropped) {
  const ToolChoice& choice = chat.tool_choice;
  if (chat.tools.empty()) {
    if (append_called_tools(out, chat)) append_json(out, "tool_choice", R"({"type":"none"})");
    return {};
  }
  const std::set<std::string_view> named(choice.names.begin(), choice.names.end());
  const auto is_shown = [&](const Tool& tool) {
    return choice.kind != ToolChoice::Kind::allowed || named.contains(tool.name);
  };
  append_json(out, "tools", "[");
  for (const Tool& tool : chat.tools) {
    if (!is_shown(tool)) continue;
    if (auto appended = append_tool(out, tool, model, dropped); !appended) return appended;
  }
  out += ']';
  append_choice(out, choice);
  return {};
}

}  // namespace gateway::anthropic
