#include <set>

#include "providers/gemini_parts.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway::gemini {
namespace {

using chat::Tool;
using chat::ToolChoice;
using json::append_comma;
using json::append_json;
using json::append_key;
using json::append_text;

Result<void> append_declaration(std::string& out, const Tool& tool, Dropped& dropped) {
  if (tool.kind == Tool::Kind::server) {
    return Error{ErrorCode::unsupported,
                 "tools: '" + std::string(tool.name) + "' runs at its provider, and this one has no place for it here"};
  }
  if (tool.kind == Tool::Kind::custom) {
    return Error{ErrorCode::unsupported, "tools: this model's provider has no custom tools"};
  }
  if (tool.strict.value_or(false)) dropped.add("tools.strict");
  if (!tool.cache.empty()) dropped.add("cache_control");
  append_comma(out);
  out += '{';
  append_text(out, "name", tool.name);
  if (!tool.description.empty()) append_text(out, "description", tool.description);
  if (!is_empty_schema(tool.schema)) {
    append_key(out, "parametersJsonSchema");
    if (append_schema(out, tool.schema)) dropped.add("tools.parameters");
  }
  out += '}';
  return {};
}

std::string_view mode_of(const ToolChoice& choice) noexcept {
  switch (choice.kind) {
    case ToolChoice::Kind::none:
      return "NONE";
    case ToolChoice::Kind::required:
    case ToolChoice::Kind::named:
      return "ANY";
    case ToolChoice::Kind::allowed:
      return choice.must_call ? "ANY" : "AUTO";
    case ToolChoice::Kind::unset:
    case ToolChoice::Kind::automatic:
      break;
  }
  return "AUTO";
}

}  // namespace

Result<void> append_tools(std::string& out, const ChatRequest& chat, Dropped& dropped) {
  const ToolChoice& choice = chat.tool_choice;
  if (choice.parallel.has_value() && !*choice.parallel) dropped.add("parallel_tool_calls");
  if (chat.tools.empty()) return {};
  const std::set<std::string_view> named(choice.names.begin(), choice.names.end());
  append_json(out, "tools", R"([{"functionDeclarations":[)");
  for (const Tool& tool : chat.tools) {
    if (choice.kind == ToolChoice::Kind::allowed && !named.contains(tool.name)) continue;
    if (auto appended = append_declaration(out, tool, dropped); !appended) return appended;
  }
  out += "]}]";
  if (choice.kind == ToolChoice::Kind::unset) return {};
  append_json(out, "toolConfig", R"({"functionCallingConfig":{)");
  append_text(out, "mode", mode_of(choice));
  if (choice.kind == ToolChoice::Kind::named) {
    append_json(out, "allowedFunctionNames", "[");
    for (const std::string_view name : choice.names) {
      append_comma(out);
      append_json_string(out, name);
    }
    out += ']';
  }
  out += "}}";
  return {};
}

}  // namespace gateway::gemini
