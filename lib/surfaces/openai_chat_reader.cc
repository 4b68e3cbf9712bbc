#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surfaces/openai.h"
#include "surfaces/openai_messages.h"

namespace gateway {
namespace {

// The body of one request. A member of the root that is not known, or not of the form that the conversation has a place
// for, is handed on as it came: whether it is taken, dropped or refused is the target's to say.
class ChatReading {
 public:
  using Kind = json::Kind;
  using Value = json::Value;
  using ToolChoice = chat::ToolChoice;

  ChatReading(BodyWalk& walk, ChatRequest& chat) : walk_(walk), chat_(chat) {}

  bool member(std::string_view name, Value value) {
    if (walk_.kind(value) == Kind::null || name == "stream_options") return walk_.skip(value);
    if (name == "messages") return openai::read_messages(walk_, value, chat_);
    if (name == "model") return walk_.text(value, chat_.model);
    if (name == "stream") return walk_.flag(value, chat_.stream);
    if (name == "tools" || name == "functions") return tools(name, value);
    std::string_view json;
    bool fits = true;
    if (!part(name, value, json, fits)) return false;
    if (!fits) chat_.extra.push_back({name, json});
    return true;
  }

 private:
  // `json`: all of the value, if it does not fit.
  bool part(std::string_view name, Value value, std::string_view& json, bool& fits) {
    const Kind kind = walk_.kind(value);
    if (kind == Kind::number) return number(name, value, json, fits);
    if (kind == Kind::string) return word(name, value, json, fits);
    if (kind == Kind::boolean) return boolean(name, value, json, fits);
    if (kind == Kind::array) return list(name, value, json, fits);
    if (name == "tool_choice" || name == "function_call") return choice(value, json, fits);
    if (name == "response_format") return output(value, json, fits);
    if (!walk_.raw(value, json)) return false;
    if (name == "metadata") {
      chat_.metadata = json;
    } else if (name == "logit_bias") {
      chat_.sampling.logit_bias = json;
    } else if (name == "prediction") {
      chat_.prediction = json;
    } else {
      fits = false;
    }
    return true;
  }

  bool number(std::string_view name, Value value, std::string_view& json, bool& fits) {
    if (!walk_.number(value, json)) return false;
    chat::Sampling& sampling = chat_.sampling;
    const auto whole = json::to_whole(json);
    if (name == "temperature") {
      sampling.temperature = json;
    } else if (name == "top_p") {
      sampling.top_p = json;
    } else if (name == "top_k") {
      sampling.top_k = json;
    } else if (name == "seed") {
      sampling.seed = json;
    } else if (name == "frequency_penalty") {
      sampling.frequency_penalty = json;
    } else if (name == "presence_penalty") {
      sampling.presence_penalty = json;
    } else if (name == "top_logprobs") {
      sampling.top_logprobs = json;
    } else if (name == "n" && whole) {
      sampling.n = *whole;
    } else if (name == "max_completion_tokens" && whole) {
      sampling.max_output = whole;
      has_new_limit_ = true;
    } else if (name == "max_tokens" && whole) {
      if (!has_new_limit_) sampling.max_output = whole;
    } else {
      fits = false;
    }
    return true;
  }

  bool word(std::string_view name, Value value, std::string_view& json, bool& fits) {
    const bool is_known = name == "stop" || name == "tool_choice" || name == "function_call" || name == "user" ||
                          name == "service_tier" || name == "reasoning_effort";
    if (!is_known) return fits = false, walk_.raw(value, json);
    std::string_view text;
    if (!walk_.text(value, text)) return false;
    if (name == "stop") {
      chat_.sampling.stop = {text};
    } else if (name == "user") {
      chat_.user = text;
    } else if (name == "service_tier") {
      chat_.service_tier = text;
    } else if (name == "reasoning_effort") {
      chat_.reasoning.kind = text == "none" ? chat::ReasoningWish::Kind::off : chat::ReasoningWish::Kind::effort;
      chat_.reasoning.effort = text == "none" ? std::string_view() : text;
    } else if (text == "none" || text == "auto" || text == "required") {
      chat_.tool_choice.kind = text == "none"   ? ToolChoice::Kind::none
                               : text == "auto" ? ToolChoice::Kind::automatic
                                                : ToolChoice::Kind::required;
    } else {
      return walk_.refuse(std::string(name), "there is no choice '" + std::string(text.substr(0, 64)) + "'");
    }
    return true;
  }

  bool boolean(std::string_view name, Value value, std::string_view& json, bool& fits) {
    if (name == "parallel_tool_calls") return walk_.boolean(value, chat_.tool_choice.parallel);
    if (name == "logprobs") return walk_.boolean(value, chat_.sampling.logprobs);
    fits = false;
    return walk_.raw(value, json);
  }

  bool list(std::string_view name, Value value, std::string_view& json, bool& fits) {
    std::vector<std::string_view>* texts = name == "stop"         ? &chat_.sampling.stop
                                           : name == "modalities" ? &chat_.output.modalities
                                                                  : nullptr;
    if (texts == nullptr) return fits = false, walk_.raw(value, json);
    texts->clear();
    const auto element = [&](Value each) { return walk_.text(each, texts->emplace_back(), &fits); };
    if (!walk_.array(value, json, element)) return false;
    if (!fits) texts->clear();
    return true;
  }

  // --- how the answer is to be ---

  bool output(Value value, std::string_view& json, bool& fits) {
    chat::Output& output = chat_.output;
    std::string_view type;
    bool known = true;
    const bool whole = walk_.object(value, json, [&](std::string_view name, Value part) {
      if (name == "type") return walk_.text(part, type);
      if (name == "json_schema" && walk_.kind(part) == Kind::object) return schema(part, known);
      known = false;
      return walk_.skip(part);
    });
    if (!whole) return false;
    if (type == "json_schema" && known) {
      output.kind = chat::Output::Kind::schema;
    } else if (type == "json_object" && known) {
      output.kind = chat::Output::Kind::json;
    } else {
      fits = type == "text" && known;
    }
    return true;
  }

  bool schema(Value value, bool& known) {
    chat::Output& output = chat_.output;
    return walk_.object(value, [&](std::string_view name, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (name == "name") return walk_.text(part, output.name);
      if (name == "description") return walk_.text(part, output.description);
      if (name == "schema") return walk_.raw(part, output.schema);
      if (name == "strict") return walk_.boolean(part, output.strict);
      known = false;
      return walk_.skip(part);
    });
  }

  // --- tools ---

  bool tools(std::string_view field, Value value) {
    return walk_.objects(value, std::string(field), [&](Value each, const std::string& path) {
      return field == "tools" ? tool(each, path) : function(each, path, chat_.tools.emplace_back());
    });
  }

  bool tool(Value value, const std::string& path) {
    chat::Tool& tool = chat_.tools.emplace_back();
    std::string_view type, json;
    std::string unknown;
    const bool whole = walk_.object(value, json, [&](std::string_view name, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (name == "type") return walk_.text(part, type);
      if (name == "cache_control") return walk_.cache_mark(part, tool.cache);
      const bool is_known = name == "function" || name == "custom";
      if (is_known && walk_.kind(part) == Kind::object) return function(part, path + "." + std::string(name), tool);
      unknown = name;
      return walk_.skip(part);
    });
    if (!whole) return false;
    if (type == "custom") {
      tool.kind = chat::Tool::Kind::custom;
    } else if (type != "function") {
      tool = {};
      tool.kind = chat::Tool::Kind::server;
      tool.name = type;
      tool.schema = json;
      tool.origin = "openai";
      return true;
    }
    return unknown.empty() || walk_.refuse(path + "." + unknown);
  }

  bool function(Value value, const std::string& path, chat::Tool& tool) {
    return walk_.object(value, [&](std::string_view name, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (name == "name") return walk_.text(part, tool.name);
      if (name == "description") return walk_.text(part, tool.description);
      if (name == "parameters" || name == "format") return walk_.raw(part, tool.schema);
      if (name == "strict") return walk_.boolean(part, tool.strict);
      return walk_.refuse(path + "." + std::string(name));
    });
  }

  bool choice(Value value, std::string_view& json, bool& fits) {
    ToolChoice& choice = chat_.tool_choice;
    const auto member = [&](std::string_view name, Value part) { return choice_member(name, part, fits); };
    if (!walk_.object(value, json, member)) return false;
    fits &= choice.kind != ToolChoice::Kind::unset;
    if (!fits) {
      choice.kind = ToolChoice::Kind::unset;
      choice.names.clear();
    }
    return true;
  }

  bool choice_member(std::string_view name, Value value, bool& fits) {
    ToolChoice& choice = chat_.tool_choice;
    if (name == "name") {  // of the older `function_call`
      choice.kind = ToolChoice::Kind::named;
      return walk_.text(value, choice.names.emplace_back());
    }
    if (walk_.kind(value) == Kind::object && (name == "function" || name == "custom")) {
      choice.kind = ToolChoice::Kind::named;
      return tool_name(value);
    }
    if (walk_.kind(value) != Kind::object || name != "allowed_tools") {
      fits &= name == "type";
      return walk_.skip(value);
    }
    choice.kind = ToolChoice::Kind::allowed;
    return walk_.object(value, [&](std::string_view key, Value part) {
      if (key == "mode") return mode(part);
      if (key != "tools" || walk_.kind(part) != Kind::array) return fits = false, walk_.skip(part);
      return walk_.array(part, [&](Value each) {
        if (walk_.kind(each) != Kind::object) return fits = false, walk_.skip(each);
        return walk_.object(each, [&](std::string_view field, Value tool) {
          const bool is_tool = (field == "function" || field == "custom") && walk_.kind(tool) == Kind::object;
          fits &= is_tool || field == "type";
          return is_tool ? tool_name(tool) : walk_.skip(tool);
        });
      });
    });
  }

  bool tool_name(Value value) {
    return walk_.object(value, [&](std::string_view key, Value part) {
      return key == "name" ? walk_.text(part, chat_.tool_choice.names.emplace_back()) : walk_.skip(part);
    });
  }

  bool mode(Value value) {
    std::string_view mode;
    if (!walk_.text(value, mode)) return false;
    chat_.tool_choice.must_call = mode == "required";
    return true;
  }

  BodyWalk& walk_;
  ChatRequest& chat_;
  bool has_new_limit_ = false;  // max_completion_tokens, which counts before max_tokens
};

}  // namespace

Result<void> read_openai_chat(const PaddedBuffer& body, ChatRequest& out) {
  simdjson::ondemand::parser parser;
  BodyWalk walk(parser, kMaxBodyDepth, out.texts);
  ChatReading reading(walk, out);
  const auto member = [&](std::string_view name, json::Value value) { return reading.member(name, value); };
  if (walk.root(body, member)) return {};
  return walk.error();
}

}  // namespace gateway
