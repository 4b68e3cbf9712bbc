#include "surfaces/responses_items.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "surfaces/data_url.h"
#include "surfaces/responses_namespaces.h"
#include "wire/responses/response_reader.h"

namespace gateway::responses {
namespace {

using chat::Block;
using json::Kind;
using json::Value;

constexpr std::string_view kSeal = "gateway:";
constexpr char kSigned = 's', kRedacted = 'r';

// One item as far as it was read: only its type says what its members are.
struct InputItem {
  std::string_view type, role;
  std::string_view call_id, name, space, arguments, signature;
  std::string_view encrypted, summary;
  std::vector<Block> content, output;
};

struct InputPart {
  std::string_view type, text;
  std::string_view image, detail;
  std::string_view file_data, file_url, filename;
  std::string_view audio, format;
};

class ItemReading {
 public:
  ItemReading(BodyWalk& walk, ChatRequest& chat) : walk_(walk), chat_(chat) {}

  bool item(Value value, std::size_t place) {
    path_ = "input[" + std::to_string(place) + "]";
    if (walk_.kind(value) != Kind::object) return walk_.refuse(path_, "it is not an object");
    InputItem read;
    if (!walk_.object(value, [&](std::string_view name, Value part) { return member(read, name, part); })) return false;
    return add(read);
  }

  // The results come to their places: once, however many they are.
  void settle() {
    if (results_.empty()) return;
    std::vector<chat::Turn> all;
    all.reserve(chat_.turns.size() + results_.size());
    auto next = results_.begin();
    for (std::size_t place = 0; place < chat_.turns.size(); ++place) {
      all.push_back(std::move(chat_.turns[place]));
      if (next != results_.end() && next->first == place) all.push_back(std::move((next++)->second));
    }
    chat_.turns = std::move(all);
  }

 private:
  bool member(InputItem& item, std::string_view name, Value value) {
    if (walk_.kind(value) == Kind::null) return walk_.skip(value);
    if (name == "type") return walk_.text(value, item.type);
    if (name == "role") return walk_.text(value, item.role);
    if (name == "content") return contents(value, "content", item.content);
    if (name == "call_id") return walk_.text(value, item.call_id);
    if (name == "name") return walk_.text(value, item.name);
    if (name == "namespace") return walk_.text(value, item.space);
    if (name == "arguments" || name == "input") return walk_.text(value, item.arguments);
    if (name == "output") return contents(value, "output", item.output);
    if (name == "encrypted_content") return walk_.text(value, item.encrypted);
    if (name == "summary") return summary(value, item);
    if (name == "extra_content" && walk_.kind(value) == Kind::object) return signature(item, value);
    // What an answer's items say of themselves.
    if (name == "id" || name == "status" || name == "phase") return walk_.skip(value);
    return walk_.refuse(path_ + "." + std::string(name));
  }

  // Google's, of the reasoning that led to a call: see openai::append_signature.
  bool signature(InputItem& item, Value value) {
    return walk_.object(value, [&](std::string_view name, Value google) {
      if (name != "google" || walk_.kind(google) != Kind::object) return walk_.skip(google);
      return walk_.object(google, [&](std::string_view key, Value each) {
        return key == "thought_signature" ? walk_.text(each, item.signature) : walk_.skip(each);
      });
    });
  }

  bool summary(Value value, InputItem& item) {
    std::string text;
    if (walk_.kind(value) != Kind::array) return walk_.skip(value);
    const bool whole = walk_.array(value, [&](Value each) {
      if (walk_.kind(each) != Kind::object) return walk_.skip(each);
      return walk_.object(each, [&](std::string_view name, Value part) {
        std::string_view piece;
        if (name != "text") return walk_.skip(part);
        if (!walk_.text(part, piece)) return false;
        text += piece;
        return true;
      });
    });
    if (!text.empty()) item.summary = walk_.keep(std::move(text));
    return whole;
  }

  // --- contents of messages, and outputs of calls ---

  bool contents(Value value, const char* field, std::vector<Block>& out) {
    const std::string path = path_ + "." + field;
    if (walk_.kind(value) == Kind::string) {
      chat::Text text{};
      if (!walk_.text(value, text.text)) return false;
      out.push_back({text, {}});
      return true;
    }
    if (walk_.kind(value) != Kind::array) return walk_.refuse(path, "it is neither text nor a list");
    std::size_t place = 0;
    return walk_.array(value, [&](Value each) { return part(each, path + "[" + std::to_string(place++) + "]", out); });
  }

  bool part(Value value, const std::string& path, std::vector<Block>& out) {
    if (walk_.kind(value) != Kind::object) return walk_.refuse(path, "it is not an object");
    InputPart part;
    const bool whole = walk_.object(value, [&](std::string_view name, Value each) {
      if (walk_.kind(each) == Kind::null) return walk_.skip(each);
      if (name == "type") return walk_.text(each, part.type);
      if (name == "text" || name == "refusal") return walk_.text(each, part.text);
      if (name == "image_url") return walk_.text(each, part.image);
      if (name == "detail") return walk_.text(each, part.detail);
      if (name == "file_data") return walk_.text(each, part.file_data);
      if (name == "file_url") return walk_.text(each, part.file_url);
      if (name == "filename") return walk_.text(each, part.filename);
      if (name == "input_audio" && walk_.kind(each) == Kind::object) return audio(each, part);
      if (name == "annotations" || name == "logprobs") return walk_.skip(each);
      if (name == "file_id") return walk_.refuse(path + ".file_id", "files of a provider are not known to the others");
      return walk_.refuse(path + "." + std::string(name));
    });
    return whole && add_part(part, path, out);
  }

  bool audio(Value value, InputPart& part) {
    return walk_.object(value, [&](std::string_view name, Value each) {
      if (name == "data") return walk_.text(each, part.audio);
      return name == "format" ? walk_.text(each, part.format) : walk_.skip(each);
    });
  }

  bool add_part(const InputPart& part, const std::string& path, std::vector<Block>& out) {
    if (part.type == "input_text" || part.type == "output_text" || part.type == "text" || part.type == "refusal" ||
        part.type == "reasoning_text" || part.type == "summary_text") {
      out.push_back({chat::Text{part.text, {}}, {}});
    } else if (part.type == "input_image") {
      out.push_back({image_of(part.image, part.detail), {}});
    } else if (part.type == "input_audio") {
      out.push_back({chat::Audio{part.audio, part.format}, {}});
    } else if (part.type == "input_file") {
      out.push_back({document_of(part.file_url.empty() ? part.file_data : part.file_url, part.filename), {}});
    } else {
      return walk_.refuse(path, "a part of type '" + std::string(part.type.substr(0, 64)) + "' has no place");
    }
    return true;
  }

  // --- the item in its place ---

  bool add(InputItem& item) {
    if (item.type.empty() || item.type == "message") return add_message(item);
    if (item.type == "function_call" || item.type == "custom_tool_call") {
      chat::ToolCall call{};
      call.id = item.call_id;
      call.name = item.space.empty() ? item.name : walk_.keep(joined_name(item.space, item.name));
      call.arguments = item.arguments;
      call.signature = item.signature;
      call.custom = item.type == "custom_tool_call";
      add_to(Last::assistant, chat::Role::assistant, {call, {}});
      asked_in_[call.id] = chat_.turns.size() - 1;
      return true;
    }
    if (item.type == "function_call_output" || item.type == "custom_tool_call_output") {
      chat::ToolResult result{};
      result.call_id = item.call_id;
      result.blocks = std::move(item.output);
      return add_result(std::move(result));
    }
    if (item.type == "reasoning") return add_reasoning(item);
    if (item.type == "item_reference") {
      return walk_.refuse(path_, "items are not stored, so that none can be referred to: send it whole");
    }
    return walk_.refuse(path_, "an item of type '" + std::string(item.type.substr(0, 64)) + "' has no place");
  }

  bool add_message(InputItem& item) {
    if (item.role == "system" || item.role == "developer") {
      if (chat_.turns.empty()) {
        for (Block& block : item.content) chat_.system.push_back(std::move(block));
        return true;
      }
      return add_turn(Last::message, chat::Role::system, std::move(item.content));
    }
    if (item.role == "user") return add_turn(Last::message, chat::Role::user, std::move(item.content));
    if (item.role != "assistant") {
      return walk_.refuse(path_ + ".role", "there is no role '" + std::string(item.role.substr(0, 64)) + "'");
    }
    for (Block& block : item.content) add_to(Last::assistant, chat::Role::assistant, std::move(block));
    return true;
  }

  // What is not marked as ours came in its provider's own bytes, and goes back to a provider of this shape alone.
  bool add_reasoning(InputItem& item) {
    chat::Reasoning reasoning{};
    reasoning.text = item.summary;
    if (reasoning.text.empty() && !item.content.empty()) {
      std::string text;
      for (const Block& block : item.content) {
        if (const auto* piece = std::get_if<chat::Text>(&block.value)) text += piece->text;
      }
      reasoning.text = walk_.keep(std::move(text));
    }
    if (!unseal(item.encrypted, reasoning) && !item.encrypted.empty()) {
      reasoning.redacted = item.encrypted;
      reasoning.origin = kRawOrigin;
    }
    if (reasoning.text.empty() && reasoning.signature.empty() && reasoning.redacted.empty()) return true;
    return add_to(Last::assistant, chat::Role::assistant, {reasoning, {}});
  }

  // Neighbours of one kind are one turn: the assistant's items, the results of its calls.
  enum class Last : std::uint8_t { none, message, assistant, results };

  bool add_to(Last kind, chat::Role role, Block block) {
    if (std::exchange(last_, kind) != kind) {
      chat_.turns.emplace_back();
      chat_.turns.back().role = role;
    }
    chat_.turns.back().blocks.push_back(std::move(block));
    return true;
  }

  // Results stand right behind their calls, wherever the client has put them. What belongs to no call is the user's.
  bool add_result(chat::ToolResult result) {
    const auto asked = asked_in_.find(result.call_id);
    if (asked == asked_in_.end()) return add_turn(Last::message, chat::Role::user, std::move(result.blocks));
    chat::Turn& turn = results_[asked->second];
    turn.role = chat::Role::user;
    turn.blocks.push_back({std::move(result), {}});
    if (asked->second + 1 == chat_.turns.size()) last_ = Last::results;
    return true;
  }

  bool add_turn(Last kind, chat::Role role, std::vector<Block> blocks) {
    last_ = kind;
    chat::Turn& turn = chat_.turns.emplace_back();
    turn.role = role;
    turn.blocks = std::move(blocks);
    return true;
  }

  BodyWalk& walk_;
  ChatRequest& chat_;
  std::string path_;  // of the item that is read
  Last last_ = Last::none;
  std::map<std::string_view, std::size_t> asked_in_;  // the turn of the last call of each id
  std::map<std::size_t, chat::Turn> results_;         // by the turn that they follow
};

}  // namespace

bool read_items(BodyWalk& walk, Value value, ChatRequest& chat) {
  if (walk.kind(value) == Kind::string) {
    chat::Text text{};
    if (!walk.text(value, text.text)) return false;
    chat.turns.emplace_back().blocks.push_back({text, {}});
    return true;
  }
  if (walk.kind(value) != Kind::array) return walk.refuse("input", "it is neither text nor a list");
  ItemReading reading(walk, chat);
  std::size_t place = 0;
  if (!walk.array(value, [&](Value item) { return reading.item(item, place++); })) return false;
  reading.settle();
  return true;
}

std::string sealed(std::string_view origin, std::string_view signature, std::string_view redacted) {
  std::string out(kSeal);
  out.append(origin).push_back(':');
  out += redacted.empty() ? kSigned : kRedacted;
  out.append(":").append(redacted.empty() ? signature : redacted);
  return out;
}

bool unseal(std::string_view text, chat::Reasoning& out) noexcept {
  if (!text.starts_with(kSeal)) return false;
  text.remove_prefix(kSeal.size());
  const std::size_t end = text.find(':');
  if (end == text.npos || text.size() < end + 3 || text[end + 2] != ':') return false;
  const char kind = text[end + 1];
  if (kind != kSigned && kind != kRedacted) return false;
  out.origin = text.substr(0, end);
  (kind == kSigned ? out.signature : out.redacted) = text.substr(end + 3);
  return true;
}

}  // namespace gateway::responses
