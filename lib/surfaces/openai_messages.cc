#include "surfaces/openai_messages.h"

#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surfaces/data_url.h"

namespace gateway::openai {
namespace {

using chat::Block;
using json::Kind;
using json::Value;

// One message as far as it was read: only its role says what its content is.
struct Message {
  std::string_view role, name, call_id, cache;
  std::vector<Block> content, calls;
  std::string_view reasoning;
  std::vector<Block> details;  // of its reasoning
};

struct Part {
  std::string_view type, text, cache;
  std::string_view url, detail;     // of an image
  std::string_view data, format;    // of audio
  std::string_view file, filename;  // of a file
};

class MessageReading {
 public:
  MessageReading(BodyWalk& walk, ChatRequest& chat) : walk_(walk), chat_(chat) {}

  bool message(Value value, std::size_t place) {
    path_ = "messages[" + std::to_string(place) + "]";
    Message read;
    if (walk_.kind(value) != Kind::object) return walk_.refuse(path_, "it is not an object");
    if (!walk_.object(value, [&](std::string_view name, Value part) { return member(read, name, part); })) return false;
    if (!read.cache.empty() && !read.content.empty()) read.content.back().cache = read.cache;
    return add(read);
  }

 private:
  bool member(Message& message, std::string_view name, Value value) {
    if (walk_.kind(value) == Kind::null) return walk_.skip(value);
    if (name == "role") return walk_.text(value, message.role);
    if (name == "content") return content(value, message.content);
    if (name == "name") return walk_.text(value, message.name);
    if (name == "tool_call_id") return walk_.text(value, message.call_id);
    if (name == "tool_calls") return tool_calls(value, message.calls);
    if (name == "function_call") return function_call(value, message.calls);
    if (name == "refusal") return refusal(value, message.content);
    if (name == "images") return parts(value, "images", message.content);
    if (name == "reasoning_content") return walk_.text(value, message.reasoning);
    // The same text under another name, if there are both.
    if (name == "reasoning")
      return message.reasoning.empty() ? walk_.text(value, message.reasoning) : walk_.skip(value);
    if (name == "reasoning_details") return reasoning_details(value, message.details);
    if (name == "cache_control") return walk_.cache_mark(value, message.cache);
    if (name == "annotations") return walk_.skip(value);  // says where an answer has its text from
    return walk_.refuse(path_ + "." + std::string(name));
  }

  bool content(Value value, std::vector<Block>& out) {
    if (walk_.kind(value) == Kind::array) return parts(value, "content", out);
    if (walk_.kind(value) != Kind::string) return walk_.refuse(path_ + ".content", "it is neither text nor a list");
    chat::Text text{};
    if (!walk_.text(value, text.text)) return false;
    out.push_back({text, {}});
    return true;
  }

  bool refusal(Value value, std::vector<Block>& out) {
    chat::Text text{};
    if (!walk_.text(value, text.text)) return false;
    if (!text.text.empty()) out.push_back({text, {}});
    return true;
  }

  // --- parts of a content ---

  bool parts(Value value, const char* field, std::vector<Block>& out) {
    if (walk_.kind(value) != Kind::array) return walk_.refuse(path_ + "." + field, "it is not a list");
    std::size_t place = 0;
    return walk_.array(
        value, [&](Value each) { return part(each, path_ + "." + field + "[" + std::to_string(place++) + "]", out); });
  }

  bool part(Value value, const std::string& path, std::vector<Block>& out) {
    if (walk_.kind(value) != Kind::object) return walk_.refuse(path, "it is not an object");
    Part part;
    const auto member = [&](std::string_view name, Value each) { return part_member(part, path, name, each); };
    return walk_.object(value, member) && add_part(part, path, out);
  }

  bool part_member(Part& part, const std::string& path, std::string_view name, Value value) {
    if (walk_.kind(value) == Kind::null) return walk_.skip(value);
    if (name == "type") return walk_.text(value, part.type);
    if (name == "text" || name == "refusal") return walk_.text(value, part.text);
    if (name == "cache_control") return walk_.cache_mark(value, part.cache);
    if (name == "annotations" || name == "index") return walk_.skip(value);
    const bool is_media = name == "image_url" || name == "input_audio" || name == "file";
    if (name == "image_url" && walk_.kind(value) == Kind::string) return walk_.text(value, part.url);
    if (!is_media || walk_.kind(value) != Kind::object) return walk_.refuse(path + "." + std::string(name));
    return walk_.object(value, [&](std::string_view key, Value each) {
      if (walk_.kind(each) == Kind::null) return walk_.skip(each);
      if (key == "url") return walk_.text(each, part.url);
      if (key == "detail") return walk_.text(each, part.detail);
      if (key == "data") return walk_.text(each, part.data);
      if (key == "format") return walk_.text(each, part.format);
      if (key == "file_data") return walk_.text(each, part.file);
      if (key == "filename") return walk_.text(each, part.filename);
      return walk_.refuse(path + "." + std::string(name) + "." + std::string(key));
    });
  }

  bool add_part(const Part& part, const std::string& path, std::vector<Block>& out) {
    if (part.type == "text" || part.type == "refusal") {
      out.push_back({chat::Text{part.text, {}}, part.cache});
    } else if (part.type == "image_url") {
      out.push_back({image_of(part.url, part.detail), part.cache});
    } else if (part.type == "input_audio") {
      out.push_back({chat::Audio{part.data, part.format}, part.cache});
    } else if (part.type == "file") {
      out.push_back({document_of(part.file, part.filename), part.cache});
    } else {
      return walk_.refuse(path, "a part of type '" + std::string(part.type.substr(0, 64)) + "' has no place");
    }
    return true;
  }

  // --- calls, and the reasoning before them ---

  bool tool_calls(Value value, std::vector<Block>& out) {
    if (walk_.kind(value) != Kind::array) return walk_.refuse(path_ + ".tool_calls", "it is not a list");
    return walk_.array(value, [&](Value each) {
      if (walk_.kind(each) != Kind::object) return walk_.refuse(path_ + ".tool_calls", "one is not an object");
      chat::ToolCall call{};
      const auto member = [&](std::string_view name, Value part) { return call_member(call, name, part); };
      if (!walk_.object(each, member)) return false;
      out.push_back({call, {}});
      return true;
    });
  }

  bool call_member(chat::ToolCall& call, std::string_view name, Value value) {
    if (walk_.kind(value) == Kind::null || name == "type" || name == "index") return walk_.skip(value);
    if (name == "id") return walk_.text(value, call.id);
    if (name == "extra_content" && walk_.kind(value) == Kind::object) return signature(call, value);
    const bool is_function = name == "function" || name == "custom";
    if (!is_function || walk_.kind(value) != Kind::object) {
      return walk_.refuse(path_ + ".tool_calls." + std::string(name));
    }
    call.custom = name == "custom";
    return function(call, value);
  }

  // Google's, of the reasoning that led to the call.
  bool signature(chat::ToolCall& call, Value value) {
    return walk_.object(value, [&](std::string_view name, Value google) {
      if (name != "google" || walk_.kind(google) != Kind::object) return walk_.skip(google);
      return walk_.object(google, [&](std::string_view key, Value each) {
        return key == "thought_signature" ? walk_.text(each, call.signature) : walk_.skip(each);
      });
    });
  }

  bool function(chat::ToolCall& call, Value value) {
    return walk_.object(value, [&](std::string_view name, Value part) {
      if (name == "name") return walk_.text(part, call.name);
      if (name == "input") return walk_.text(part, call.arguments);
      if (name != "arguments") return walk_.refuse(path_ + ".tool_calls." + std::string(name));
      return walk_.kind(part) == Kind::object ? walk_.raw(part, call.arguments) : walk_.text(part, call.arguments);
    });
  }

  bool function_call(Value value, std::vector<Block>& out) {
    if (walk_.kind(value) != Kind::object) return walk_.refuse(path_ + ".function_call", "it is not an object");
    chat::ToolCall call{};
    if (!function(call, value)) return false;
    out.push_back({call, {}});
    return true;
  }

  bool reasoning_details(Value value, std::vector<Block>& out) {
    if (walk_.kind(value) != Kind::array) return walk_.skip(value);
    return walk_.array(value, [&](Value each) {
      if (walk_.kind(each) != Kind::object) return walk_.skip(each);
      chat::Reasoning detail{};
      const bool whole = walk_.object(each, [&](std::string_view name, Value part) {
        if (name == "text" || name == "summary") return walk_.text(part, detail.text);
        if (name == "signature") return walk_.text(part, detail.signature);
        if (name == "data") return walk_.text(part, detail.redacted);
        if (name == "format") return walk_.text(part, detail.origin);
        return walk_.skip(part);
      });
      out.push_back({detail, {}});
      return whole;
    });
  }

  // --- the message in its place ---

  bool add(Message& message) {
    if (message.role == "system" || message.role == "developer") return add_system(message);
    if (message.role == "user") return add_turn(chat::Role::user, message);
    if (message.role == "tool" || message.role == "function") return add_result(message);
    if (message.role != "assistant") {
      return walk_.refuse(path_ + ".role", "there is no role '" + std::string(message.role.substr(0, 64)) + "'");
    }
    std::vector<Block> blocks = std::move(message.details);
    if (blocks.empty() && !message.reasoning.empty()) {
      chat::Reasoning reasoning{};
      reasoning.text = message.reasoning;
      blocks.push_back({reasoning, {}});
    }
    for (std::vector<Block>* more : {&message.content, &message.calls}) {
      blocks.insert(blocks.end(), std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()));
    }
    message.content = std::move(blocks);
    return add_turn(chat::Role::assistant, message);
  }

  bool add_turn(chat::Role role, Message& message) {
    chat::Turn& turn = chat_.turns.emplace_back();
    turn.role = role;
    turn.name = message.name;
    turn.blocks = std::move(message.content);
    last_is_results_ = false;
    return true;
  }

  bool add_system(Message& message) {
    if (!chat_.turns.empty() || !message.name.empty()) return add_turn(chat::Role::system, message);
    for (Block& block : message.content) chat_.system.push_back(std::move(block));
    return true;
  }

  // The results of one turn's calls are one turn.
  bool add_result(Message& message) {
    chat::ToolResult result{};
    result.call_id = message.call_id;
    result.name = message.name;
    std::string_view cache;
    if (!message.content.empty()) std::swap(cache, message.content.back().cache);
    result.blocks = std::move(message.content);
    if (!std::exchange(last_is_results_, true)) chat_.turns.emplace_back();
    chat_.turns.back().blocks.push_back({std::move(result), cache});
    return true;
  }

  BodyWalk& walk_;
  ChatRequest& chat_;
  std::string path_;  // of the message that is read
  bool last_is_results_ = false;
};

}  // namespace

bool read_messages(BodyWalk& walk, Value value, ChatRequest& chat) {
  if (walk.kind(value) != Kind::array) return walk.refuse("messages", "it is not a list");
  MessageReading reading(walk, chat);
  std::size_t place = 0;
  return walk.array(value, [&](Value message) { return reading.message(message, place++); });
}

}  // namespace gateway::openai
