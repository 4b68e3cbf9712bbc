#include <simdjson.h>

#include <set>

#include "chat/tool_name.h"
#include "providers/responses_parts.h"
#include "wire/json/dom.h"
#include "wire/json/members.h"

namespace gateway::responses {
namespace {

using chat::Tool;
using chat::ToolChoice;

constexpr std::string_view kNoParameters = R"({"type":"object","properties":{}})";

// The format of a custom tool: chat completions have a grammar in an object of its own.
std::string flat_format(std::string_view format) {
  simdjson::dom::parser parser;
  simdjson::dom::object root, grammar;
  if (parser.parse(format.data(), format.size()).get(root) != simdjson::SUCCESS ||
      !json::object_of(root, "grammar", grammar)) {
    return std::string(format);
  }
  std::string out = R"({"type":"grammar")";
  for (const char* key : {"syntax", "definition"}) json::append_text(out, key, json::text_of(grammar, key));
  return out += '}';
}

Result<void> append_one(std::string& out, const Tool& tool, const ResponsesBodyOptions& options) {
  json::append_comma(out);
  if (tool.kind == Tool::Kind::server) {
    return Error{ErrorCode::unsupported, "tools: '" + std::string(tool.name) +
                                             "' runs at its provider, and its results have no place in the answer"};
  }
  const bool custom = tool.kind == Tool::Kind::custom;
  out += '{';
  json::append_text(out, "type", custom ? "custom" : "function");
  json::append_text(out, "name", name_of(tool.name, options));
  if (!tool.description.empty()) json::append_text(out, "description", tool.description);
  if (custom) {
    if (!tool.schema.empty()) json::append_json(out, "format", flat_format(tool.schema));
  } else {
    const bool has_schema = tool.schema.size() > 2 && tool.schema.front() == '{';
    json::append_json(out, "parameters", has_schema ? tool.schema : kNoParameters);
    json::append_json(out, "strict", tool.strict.value_or(false) ? "true" : "false");  // without it: true
  }
  out += '}';
  return {};
}

void append_name(std::string& out, std::string_view name, const std::set<std::string_view>& customs,
                 const ResponsesBodyOptions& options) {
  const bool custom = customs.contains(name);
  json::append_comma(out);
  out += '{';
  json::append_text(out, "type", custom ? "custom" : "function");
  json::append_text(out, "name", name_of(name, options));
  out += '}';
}

void append_chosen(std::string& out, const ToolChoice& choice, const std::vector<Tool>& tools,
                   const ResponsesBodyOptions& options) {
  const std::set<std::string_view> customs = custom_names(tools);
  switch (choice.kind) {
    case ToolChoice::Kind::unset:
      return;
    case ToolChoice::Kind::automatic:
      return json::append_text(out, "tool_choice", "auto");
    case ToolChoice::Kind::none:
      return json::append_text(out, "tool_choice", "none");
    case ToolChoice::Kind::required:
      return json::append_text(out, "tool_choice", "required");
    case ToolChoice::Kind::named: {
      std::string named = "{";  // where no comma comes first
      append_name(named, choice.names.empty() ? std::string_view() : choice.names[0], customs, options);
      return json::append_json(out, "tool_choice", std::string_view(named).substr(1));
    }
    case ToolChoice::Kind::allowed:
      json::append_json(out, "tool_choice", R"({"type":"allowed_tools")");
      json::append_text(out, "mode", choice.must_call ? "required" : "auto");
      json::append_json(out, "tools", "[");
      for (const std::string_view name : choice.names) append_name(out, name, customs, options);
      out += "]}";
  }
}

}  // namespace

std::string name_of(std::string_view tool, const ResponsesBodyOptions& options) {
  return options.short_names ? short_tool_name(tool) : std::string(tool);
}

Result<void> append_tools(std::string& out, const ChatRequest& chat, const ResponsesBodyOptions& options) {
  if (chat.tools.empty()) return {};
  json::append_json(out, "tools", "[");
  for (const Tool& tool : chat.tools) {
    if (auto appended = append_one(out, tool, options); !appended) return appended;
  }
  out += ']';
  append_chosen(out, chat.tool_choice, chat.tools, options);
  if (const auto parallel = chat.tool_choice.parallel) {
    json::append_json(out, "parallel_tool_calls", *parallel ? "true" : "false");
  }
  return {};
}

}  // namespace gateway::responses
