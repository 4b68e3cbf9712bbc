#include "surfaces/anthropic_blocks.h"

#include <optional>
#include <utility>

#include "wire/anthropic/message_reader.h"

namespace gateway::anthropic {
namespace {

using chat::Block;
using json::Kind;
using json::Value;

constexpr std::string_view kMark = "gateway:";
constexpr std::string_view kBilling = "x-anthropic-billing-header:";

struct Source {
  std::string_view type, media_type, data, url;
};

// One block as far as it was read: only its type says what its members are.
struct Members {
  std::string_view type, text, cache, id, name, call_id, signature, thinking, data, title, tool_name;
  std::string_view input;
  Source source;
  std::vector<Block> content;
  std::optional<bool> is_error;
};

// A signature of another provider's comes back as it was marked when it went out.
void take_signature(std::string_view given, std::string_view& signature, std::string_view& origin) noexcept {
  signature = given;
  origin = given.empty() ? std::string_view() : kSignatureOrigin;
  if (!given.starts_with(kMark)) return;
  given.remove_prefix(kMark.size());
  const std::size_t colon = given.find(':');
  origin = given.substr(0, colon);
  signature = colon == given.npos ? std::string_view() : given.substr(colon + 1);
}

class BlockReading {
 public:
  explicit BlockReading(BodyWalk& walk) : walk_(walk) {}

  bool content(Value value, const std::string& path, std::vector<Block>& out) {
    if (walk_.kind(value) == Kind::string) {
      chat::Text text{};
      if (!walk_.text(value, text.text)) return false;
      if (!text.text.starts_with(kBilling)) out.push_back({text, {}});
      return true;
    }
    if (walk_.kind(value) != Kind::array) return walk_.refuse(path, "it is neither text nor a list");
    std::size_t place = 0;
    return walk_.array(value, [&](Value each) { return block(each, path + "[" + std::to_string(place++) + "]", out); });
  }

 private:
  bool block(Value value, const std::string& path, std::vector<Block>& out) {
    if (walk_.kind(value) != Kind::object) return walk_.refuse(path, "it is not an object");
    Members read;
    std::string_view json;
    const auto member = [&](std::string_view name, Value part) { return this->member(read, path, name, part); };
    return walk_.object(value, json, member) && add(read, json, path, out);
  }

  bool member(Members& read, const std::string& path, std::string_view name, Value value) {
    const Kind kind = walk_.kind(value);
    if (kind == Kind::null) return walk_.skip(value);
    if (name == "type") return walk_.text(value, read.type);
    if (name == "text") return walk_.text(value, read.text);
    if (name == "cache_control") return walk_.cache_mark(value, read.cache);
    if (name == "id") return walk_.text(value, read.id);
    if (name == "name") return walk_.text(value, read.name);
    if (name == "tool_use_id") return walk_.text(value, read.call_id);
    if (name == "signature") return walk_.text(value, read.signature);
    if (name == "thinking") return walk_.text(value, read.thinking);
    if (name == "data") return walk_.text(value, read.data);
    if (name == "title") return walk_.text(value, read.title);
    if (name == "tool_name") return walk_.text(value, read.tool_name);
    if (name == "input") return walk_.raw(value, read.input);
    if (name == "is_error") return walk_.boolean(value, read.is_error);
    if (name == "source" && kind == Kind::object) return source(value, read.source);
    if (name == "content" && (kind == Kind::string || (kind == Kind::array && is_result(read)))) {
      return content(value, path + ".content", read.content);
    }
    return walk_.skip(value);  // citations, who called, and what only Anthropic's own blocks have
  }

  // Of other blocks the content is their own affair.
  static bool is_result(const Members& read) noexcept { return read.type.empty() || read.type == "tool_result"; }

  bool source(Value value, Source& source) {
    return walk_.object(value, [&](std::string_view name, Value part) {
      if (name == "type") return walk_.text(part, source.type);
      if (name == "media_type") return walk_.text(part, source.media_type);
      if (name == "data") return walk_.text(part, source.data);
      if (name == "url") return walk_.text(part, source.url);
      return walk_.skip(part);
    });
  }

  bool add(Members& read, std::string_view json, const std::string& path, std::vector<Block>& out) {
    if (read.type == "text") {
      // Only Anthropic takes it out again.
      if (!read.text.starts_with(kBilling)) out.push_back({chat::Text{read.text, {}}, read.cache});
    } else if (read.type == "image") {
      return image(read, path, out);
    } else if (read.type == "document") {
      return document(read, path, out);
    } else if (read.type == "tool_use") {
      chat::ToolCall call{};
      call.id = read.id;
      call.name = read.name;
      call.arguments = read.input.empty() ? std::string_view("{}") : read.input;
      out.push_back({call, read.cache});
    } else if (read.type == "tool_result") {
      chat::ToolResult result{};
      result.call_id = read.call_id;
      result.blocks = std::move(read.content);
      result.is_error = read.is_error.value_or(false);
      out.push_back({std::move(result), read.cache});
    } else if (read.type == "tool_reference") {
      // What a search for tools found, all of which other providers are shown anyway.
      out.push_back({chat::Text{walk_.keep("Tool found: " + std::string(read.tool_name) + "\n"), {}}, read.cache});
    } else if (read.type == "thinking" || read.type == "redacted_thinking") {
      chat::Reasoning thought{};
      thought.text = read.thinking;
      take_signature(read.type == "thinking" ? read.signature : read.data,
                     read.type == "thinking" ? thought.signature : thought.redacted, thought.origin);
      out.push_back({thought, {}});
    } else {
      out.push_back({chat::Opaque{"anthropic", json}, {}});
    }
    return true;
  }

  bool image(const Members& read, const std::string& path, std::vector<Block>& out) {
    chat::Image image{};
    if (read.source.type == "url") {
      image.url = read.source.url;
    } else if (read.source.type == "base64") {
      image.bytes = read.source.data;
      image.media_type = read.source.media_type;
    } else {
      return walk_.refuse(path + ".source");
    }
    out.push_back({image, read.cache});
    return true;
  }

  bool document(const Members& read, const std::string& path, std::vector<Block>& out) {
    chat::Document document{};
    document.name = read.title;
    if (read.source.type == "url") {
      document.url = read.source.url;
    } else if (read.source.type == "base64") {
      document.bytes = read.source.data;
      document.media_type = read.source.media_type;
    } else if (read.source.type == "text") {
      document.text = read.source.data;
    } else {
      return walk_.refuse(path + ".source");
    }
    out.push_back({document, read.cache});
    return true;
  }

  BodyWalk& walk_;
};

}  // namespace

bool read_content(BodyWalk& walk, Value value, const std::string& path, std::vector<Block>& out) {
  return BlockReading(walk).content(value, path, out);
}

bool read_turns(BodyWalk& walk, Value value, ChatRequest& chat) {
  BlockReading reading(walk);
  return walk.objects(value, "messages", [&](Value message, const std::string& path) {
    std::string_view role;
    chat::Turn turn;
    const bool whole = walk.object(message, [&](std::string_view name, Value part) {
      if (name == "role") return walk.text(part, role);
      if (name == "content") return reading.content(part, path + ".content", turn.blocks);
      return walk.refuse(path + "." + std::string(name));
    });
    if (!whole) return false;
    if (role != "user" && role != "assistant" && role != "system") {
      return walk.refuse(path + ".role", "there is no role '" + std::string(role.substr(0, 64)) + "'");
    }
    turn.role = role == "assistant" ? chat::Role::assistant : role == "system" ? chat::Role::system : chat::Role::user;
    chat.turns.push_back(std::move(turn));
    return true;
  });
}

}  // namespace gateway::anthropic
