#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surfaces/responses.h"
#include "surfaces/responses_items.h"
#include "surfaces/responses_namespaces.h"
#include "wire/json/dom.h"
#include "wire/json/members.h"

namespace gateway {
namespace {

using chat::ToolChoice;

// The format of a custom tool, as chat completions have it: a grammar in an object of its own.
std::string nested_format(std::string_view format) {
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(format.data(), format.size()).get(root) != simdjson::SUCCESS ||
      json::text_of(root, "type") != "grammar") {
    return std::string(format);
  }
  std::string out = R"({"type":"grammar","grammar":{)";
  for (const char* key : {"syntax", "definition"}) json::append_text(out, key, json::text_of(root, key));
  return out += "}}";
}

// The body of one request. What needs a state that nobody here keeps, or tools that run at OpenAI, is refused; so is
// what is not known.
class ResponseReading {
 public:
  using Kind = json::Kind;
  using Value = json::Value;

  ResponseReading(BodyWalk& walk, ChatRequest& chat) : walk_(walk), chat_(chat) {}

  bool member(std::string_view name, Value value) {
    const Kind kind = walk_.kind(value);
    if (kind == Kind::null) return walk_.skip(value);
    chat::Sampling& sampling = chat_.sampling;
    if (name == "model") return walk_.text(value, chat_.model);
    if (name == "input") return responses::read_items(walk_, value, chat_);
    if (name == "instructions") return walk_.text(value, instructions_);
    if (name == "stream") return walk_.flag(value, chat_.stream);
    if (name == "max_output_tokens") return length(value);
    if (name == "temperature") return number(name, value, sampling.temperature);
    if (name == "top_p") return number(name, value, sampling.top_p);
    if (name == "top_logprobs") return number(name, value, sampling.top_logprobs);
    if (name == "tools") return tools(value, "tools", chat_.tools);
    if (name == "tool_choice") return choice(value);
    if (name == "parallel_tool_calls") return walk_.boolean(value, chat_.tool_choice.parallel);
    if (name == "text") return text(value);
    if (name == "reasoning") return reasoning(value);
    if (name == "user") return walk_.text(value, chat_.user);
    if (name == "service_tier") return walk_.text(value, chat_.service_tier);
    if (name == "include") return include(value);
    if (name == "safety_identifier" || name == "prompt_cache_key" || name == "prompt_cache_retention") {
      return extra(name, value);
    }
    if (name == "background" || name == "truncation") return usual(name, value);
    // Of the answer alone, which repeats some: nothing is stored here, and streams are not padded.
    if (name == "metadata" || name == "client_metadata" || name == "store" || name == "stream_options" ||
        name == "prompt_cache_options") {
      return walk_.skip(value);
    }
    if (name == "previous_response_id" || name == "conversation") {
      return walk_.refuse(std::string(name),
                          "what it brings along cannot be priced: send the conversation whole, in 'input'");
    }
    return walk_.refuse(std::string(name));
  }

  // Where the instructions stand in the body does not matter.
  void settle() {
    if (instructions_.empty()) return;
    chat_.system.insert(chat_.system.begin(), chat::Block{chat::Text{instructions_, {}}, {}});
  }

 private:
  bool number(std::string_view name, Value value, std::string_view& out) {
    if (walk_.kind(value) != Kind::number) return walk_.refuse(std::string(name), "it is not a number");
    return walk_.number(value, out);
  }

  bool length(Value value) {
    std::string_view digits;
    if (!number("max_output_tokens", value, digits)) return false;
    chat_.sampling.max_output = json::to_whole(digits);
    return true;
  }

  bool extra(std::string_view name, Value value) {
    std::string_view json;
    if (!walk_.raw(value, json)) return false;
    chat_.extra.push_back({name, json});
    return true;
  }

  // Only what is so anyway.
  bool usual(std::string_view name, Value value) {
    std::string_view json;
    if (!walk_.raw(value, json)) return false;
    return json == "false" || json == R"("disabled")" || walk_.refuse(std::string(name));
  }

  bool include(Value value) {
    if (walk_.kind(value) != Kind::array) return walk_.refuse("include", "it is not a list");
    return walk_.array(value, [&](Value each) {
      std::string_view what;
      if (!walk_.text(each, what)) return false;
      if (what == "message.output_text.logprobs") chat_.sampling.logprobs = true;
      return true;
    });
  }

  // --- how the answer is to be ---

  bool text(Value value) {
    if (walk_.kind(value) != Kind::object) return walk_.refuse("text", "it is not an object");
    return walk_.object(value, [&](std::string_view name, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (name == "format" && walk_.kind(part) == Kind::object) return format(part);
      return name == "verbosity" ? extra(name, part) : walk_.refuse("text." + std::string(name));
    });
  }

  bool format(Value value) {
    chat::Output& output = chat_.output;
    std::string_view type;
    const bool whole = walk_.object(value, [&](std::string_view name, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (name == "type") return walk_.text(part, type);
      if (name == "name") return walk_.text(part, output.name);
      if (name == "description") return walk_.text(part, output.description);
      if (name == "schema") return walk_.raw(part, output.schema);
      if (name == "strict") return walk_.boolean(part, output.strict);
      return walk_.refuse("text.format." + std::string(name));
    });
    if (!whole) return false;
    if (type == "json_schema") {
      output.kind = chat::Output::Kind::schema;
    } else if (type == "json_object") {
      output.kind = chat::Output::Kind::json;
    } else if (type != "text") {
      return walk_.refuse("text.format.type", "there is no format '" + std::string(type.substr(0, 64)) + "'");
    }
    return true;
  }

  bool reasoning(Value value) {
    chat::ReasoningWish& wish = chat_.reasoning;
    if (walk_.kind(value) != Kind::object) return walk_.refuse("reasoning", "it is not an object");
    const bool whole = walk_.object(value, [&](std::string_view name, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (name == "effort") return walk_.text(part, wish.effort);
      if (name == "summary" || name == "generate_summary") return walk_.text(part, wish.summary);
      return walk_.refuse("reasoning." + std::string(name));
    });
    if (whole && !wish.effort.empty()) {
      const bool is_off = wish.effort == "none";
      wish.kind = is_off ? chat::ReasoningWish::Kind::off : chat::ReasoningWish::Kind::effort;
      if (is_off) wish.effort = {};
    }
    return whole;
  }

  // --- tools ---

  bool tools(Value value, const std::string& list, std::vector<chat::Tool>& out) {
    return walk_.objects(value, list, [&](Value each, const std::string& path) { return tool(each, path, out); });
  }

  bool tool(Value value, const std::string& path, std::vector<chat::Tool>& out) {
    chat::Tool tool;
    std::string_view type;
    std::string unknown;
    std::vector<chat::Tool> inner;  // of a namespace
    const bool whole = walk_.object(value, [&](std::string_view name, Value part) {
      if (walk_.kind(part) == Kind::null) return walk_.skip(part);
      if (name == "type") return walk_.text(part, type);
      if (name == "name") return walk_.text(part, tool.name);
      if (name == "description") return walk_.text(part, tool.description);
      if (name == "parameters" || name == "format") return walk_.raw(part, tool.schema);
      if (name == "strict") return walk_.boolean(part, tool.strict);
      if (name == "tools" && walk_.kind(part) == Kind::array) return tools(part, path + ".tools", inner);
      if (name == "defer_loading") return walk_.skip(part);  // how OpenAI is to show the tool to the model
      unknown = name;
      return walk_.skip(part);
    });
    if (!whole) return false;
    const bool is_namespace = type == "namespace";
    if (type != "function" && type != "custom" && !is_namespace) {
      return walk_.refuse(path, "a tool of type '" + std::string(type.substr(0, 64)) + "' runs at OpenAI alone");
    }
    if (!unknown.empty()) return walk_.refuse(path + "." + unknown);
    for (chat::Tool& each : inner) {
      each.name = walk_.keep(responses::joined_name(tool.name, each.name));
      out.push_back(each);
    }
    if (is_namespace) return true;
    if (type == "custom") {
      tool.kind = chat::Tool::Kind::custom;
      if (!tool.schema.empty()) tool.schema = walk_.keep(nested_format(tool.schema));
    }
    out.push_back(tool);
    return true;
  }

  bool choice(Value value) {
    ToolChoice& choice = chat_.tool_choice;
    if (walk_.kind(value) == Kind::string) {
      std::string_view word;
      if (!walk_.text(value, word)) return false;
      if (word != "auto" && word != "none" && word != "required") return no_choice(word);
      choice.kind = word == "auto"   ? ToolChoice::Kind::automatic
                    : word == "none" ? ToolChoice::Kind::none
                                     : ToolChoice::Kind::required;
      return true;
    }
    if (walk_.kind(value) != Kind::object) return walk_.refuse("tool_choice", "it is neither a word nor an object");
    std::string_view type, name, space, mode;
    const bool whole = walk_.object(value, [&](std::string_view key, Value part) {
      if (key == "type") return walk_.text(part, type);
      if (key == "name") return walk_.text(part, name);
      if (key == "namespace") return walk_.text(part, space);
      if (key == "mode") return walk_.text(part, mode);
      if (key == "tools" && walk_.kind(part) == Kind::array) return allowed(part);
      return walk_.refuse("tool_choice." + std::string(key));
    });
    if (!whole) return false;
    if (type == "function" || type == "custom") {
      choice.kind = ToolChoice::Kind::named;
      choice.names = {space.empty() ? name : walk_.keep(responses::joined_name(space, name))};
    } else if (type == "allowed_tools") {
      choice.kind = ToolChoice::Kind::allowed;
      choice.must_call = mode == "required";
    } else {
      return no_choice(type);
    }
    return true;
  }

  bool allowed(Value value) {
    return walk_.array(value, [&](Value each) {
      if (walk_.kind(each) != Kind::object) return walk_.refuse("tool_choice.tools", "one is not an object");
      return walk_.object(each, [&](std::string_view key, Value part) {
        return key == "name" ? walk_.text(part, chat_.tool_choice.names.emplace_back()) : walk_.skip(part);
      });
    });
  }

  bool no_choice(std::string_view word) {
    return walk_.refuse("tool_choice", "there is no choice '" + std::string(word.substr(0, 64)) + "'");
  }

  BodyWalk& walk_;
  ChatRequest& chat_;
  std::string_view instructions_;
};

}  // namespace

Result<void> read_responses(const PaddedBuffer& body, ChatRequest& out) {
  simdjson::ondemand::parser parser;
  BodyWalk walk(parser, kMaxBodyDepth, out.texts);
  ResponseReading reading(walk, out);
  const auto member = [&](std::string_view name, json::Value value) { return reading.member(name, value); };
  if (!walk.root(body, member)) return walk.error();
  reading.settle();
  return {};
}

}  // namespace gateway
