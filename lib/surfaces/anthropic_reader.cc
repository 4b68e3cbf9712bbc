#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surfaces/anthropic.h"
#include "surfaces/anthropic_blocks.h"

namespace gateway {
namespace {

// The body of one request. What other providers have no place for, and what makes no answer another one, is left out:
// it is of Anthropic's beta features. Anything that is not known is refused.
class MessagesReading {
 public:
  using Kind = json::Kind;
  using Value = json::Value;

  MessagesReading(BodyWalk& walk, ChatRequest& chat) : walk_(walk), chat_(chat) {}

  bool member(std::string_view name, Value value) {
    chat::Sampling& sampling = chat_.sampling;
    if (walk_.kind(value) == Kind::null) return walk_.skip(value);
    if (name == "model") return walk_.text(value, chat_.model);
    if (name == "messages") return anthropic::read_turns(walk_, value, chat_);
    if (name == "system") return anthropic::read_content(walk_, value, "system", chat_.system);
    if (name == "max_tokens") return walk_.whole(value, sampling.max_output);
    if (name == "stream") return walk_.flag(value, chat_.stream);
    if (name == "temperature") return walk_.number(value, sampling.temperature);
    if (name == "top_p") return walk_.number(value, sampling.top_p);
    if (name == "top_k") return walk_.number(value, sampling.top_k);
    if (name == "stop_sequences") return walk_.texts(value, sampling.stop);
    if (name == "tools") return tools(value);
    if (name == "tool_choice") return choice(value);
    if (name == "thinking") return thinking(value);
    if (name == "output_config") return output_config(value);
    if (name == "output_format") return format(value);
    if (name == "metadata") return metadata(value);
    if (name == "service_tier" || name == "context_management" || name == "cache_control" || name == "inference_geo") {
      return walk_.skip(value);
    }
    return walk_.refuse(std::string(name));
  }

  // Both say how much it is to think; who says that it is not to think wants no effort.
  void settle() {
    if (thinks_not_) {
      chat_.reasoning.effort = {};
    } else if (chat_.reasoning.kind == chat::ReasoningWish::Kind::unset && !chat_.reasoning.effort.empty()) {
      chat_.reasoning.kind = chat::ReasoningWish::Kind::effort;
    }
  }

 private:
  bool tools(Value value) {
    return walk_.objects(value, "tools", [&](Value each, const std::string& path) { return tool(each, path); });
  }

  bool tool(Value value, const std::string& path) {
    chat::Tool tool;
    std::string_view type, json;
    std::string unknown;
    const bool whole = walk_.object(value, json, [&](std::string_view name, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (name == "type") return walk_.text(part, type);
      if (name == "name") return walk_.text(part, tool.name);
      if (name == "description") return walk_.text(part, tool.description);
      if (name == "input_schema") return walk_.raw(part, tool.schema);
      if (name == "strict") return walk_.boolean(part, tool.strict);
      if (name == "cache_control") return walk_.cache_mark(part, tool.cache);
      // How Anthropic's server is to show the tool to the model.
      if (name == "defer_loading" || name == "eager_input_streaming" || name == "input_examples")
        return walk_.skip(part);
      unknown = name;
      return walk_.skip(part);
    });
    if (!whole) return false;
    if (!type.empty() && type != "custom") {
      tool = {};
      tool.kind = chat::Tool::Kind::server;
      tool.name = type;
      tool.schema = json;
      tool.origin = "anthropic";
    } else if (!unknown.empty() && unknown != "allowed_callers") {
      return walk_.refuse(path + "." + unknown);
    }
    chat_.tools.push_back(tool);
    return true;
  }

  bool choice(Value value) {
    chat::ToolChoice& choice = chat_.tool_choice;
    std::string_view type, name;
    std::optional<bool> one_at_a_time;
    if (walk_.kind(value) != Kind::object) return walk_.refuse("tool_choice", "it is not an object");
    const bool whole = walk_.object(value, [&](std::string_view key, Value part) {
      if (key == "type") return walk_.text(part, type);
      if (key == "name") return walk_.text(part, name);
      if (key == "disable_parallel_tool_use") return walk_.boolean(part, one_at_a_time);
      return walk_.refuse("tool_choice." + std::string(key));
    });
    if (!whole) return false;
    if (one_at_a_time) choice.parallel = !*one_at_a_time;
    if (type == "auto") {
      choice.kind = chat::ToolChoice::Kind::automatic;
    } else if (type == "none") {
      choice.kind = chat::ToolChoice::Kind::none;
    } else if (type == "any") {
      choice.kind = chat::ToolChoice::Kind::required;
    } else if (type == "tool") {
      choice.kind = chat::ToolChoice::Kind::named;
      choice.names = {name};
    } else {
      return walk_.refuse("tool_choice.type", "there is no choice '" + std::string(type.substr(0, 64)) + "'");
    }
    return true;
  }

  // Whether it thinks at all is the other model's affair.
  bool thinking(Value value) {
    std::string_view type, budget;
    if (walk_.kind(value) != Kind::object) return walk_.refuse("thinking", "it is not an object");
    const bool whole = walk_.object(value, [&](std::string_view key, Value part) {
      if (key == "type") return walk_.text(part, type);
      if (key == "budget_tokens") return walk_.number(part, budget);
      return walk_.skip(part);
    });
    if (!whole) return false;
    thinks_not_ = type == "disabled";
    if (type == "adaptive") chat_.reasoning.kind = chat::ReasoningWish::Kind::adaptive;
    if (type == "enabled") {
      chat_.reasoning.kind = chat::ReasoningWish::Kind::budget;
      chat_.reasoning.budget = json::to_whole(budget).value_or(0);
    }
    return true;
  }

  bool output_config(Value value) {
    if (walk_.kind(value) != Kind::object) return walk_.refuse("output_config", "it is not an object");
    return walk_.object(value, [&](std::string_view key, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (key == "effort") return walk_.text(part, chat_.reasoning.effort);
      if (key == "format") return format(part);
      return walk_.refuse("output_config." + std::string(key));
    });
  }

  bool format(Value value) {
    std::string_view type;
    if (walk_.kind(value) != Kind::object) return walk_.refuse("output_config.format", "it is not an object");
    const bool whole = walk_.object(value, [&](std::string_view key, Value part) {
      if (key == "type") return walk_.text(part, type);
      if (key == "schema") return walk_.raw(part, chat_.output.schema);
      return walk_.skip(part);
    });
    if (!whole) return false;
    if (type != "json_schema") return walk_.refuse("output_config.format");
    chat_.output.kind = chat::Output::Kind::schema;
    chat_.output.strict = true;
    return true;
  }

  bool metadata(Value value) {
    if (walk_.kind(value) != Kind::object) return walk_.skip(value);
    return walk_.object(value, [&](std::string_view key, Value part) {
      return key == "user_id" ? walk_.text(part, chat_.user) : walk_.skip(part);
    });
  }

  BodyWalk& walk_;
  ChatRequest& chat_;
  bool thinks_not_ = false;
};

}  // namespace

Result<void> read_anthropic_messages(const PaddedBuffer& body, ChatRequest& out) {
  simdjson::ondemand::parser parser;
  BodyWalk walk(parser, kMaxBodyDepth, out.texts);
  MessagesReading reading(walk, out);
  const auto member = [&](std::string_view name, json::Value value) { return reading.member(name, value); };
  if (!walk.root(body, member)) return walk.error();
  reading.settle();
  return {};
}

}  // namespace gateway
