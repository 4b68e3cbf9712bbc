#include "providers/openai_body_messages.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_hash.h"
#include "chat/tool_name.h"
#include "providers/carried.h"
#include "providers/host_habits.h"
#include "wire/json/members.h"
#include "wire/responses/response_reader.h"

namespace gateway {
namespace {

using chat::Block;
using Blocks = std::vector<const Block*>;
using json::append_comma;
using json::append_json;
using json::append_key;
using json::append_text;

constexpr std::string_view kOwnOrigin = "openai";
// Of no host's shape: the result's own text says what failed.
constexpr std::string_view kIsError = "tool_result.is_error";
constexpr CarriedFeature kNowhere[] = {{kIsError, Carried::drop, ""}};

template <class Kind>
const Kind* as(const Block& block) noexcept {
  return std::get_if<Kind>(&block.value);
}

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters and digits that stand for another id.
std::string short_id(std::string_view id, std::size_t size) {
  static constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::uint64_t hash = text_hash(id);
  std::string out;
  for (; out.size() < size; hash /= kDigits.size()) out += kDigits[hash % kDigits.size()];
  return out;
}

class MessageWriting {
 public:
  MessageWriting(std::string& out, const OpenAiBodyOptions& options) : out_(out), options_(options) {}

  Result<void> write(const ChatRequest& chat) {
    out_ += '[';
    for (const Block& block : chat.system) message("system", {}, {&block});
    for (const chat::Turn& turn : chat.turns) {
      if (turn.role == chat::Role::assistant) {
        assistant(turn);
      } else {
        results_and_rest(turn);
      }
      if (!refused_.empty()) return Error{ErrorCode::unsupported, "messages: " + refused_ + " has no place in them"};
    }
    out_ += ']';
    if (!refused_.empty()) return Error{ErrorCode::unsupported, "messages: " + refused_ + " has no place in them"};
    return {};
  }

 private:
  void begin_message(std::string_view role, std::string_view name) {
    append_comma(out_);
    out_ += '{';
    append_text(out_, "role", role);
    if (!name.empty() && !leaves_out("messages[].name")) append_text(out_, "name", name);
  }

  // Whether its host refuses the field, so that it is left out.
  bool leaves_out(std::string_view field) {
    if (options_.habits == nullptr || !may_drop(options_.habits->features, field)) return false;
    if (options_.dropped != nullptr) Dropped(*options_.dropped, options_.habits->features).add(field);
    return true;
  }

  // An id as the host demands it, the same for a call and its result.
  std::string own_id(std::string_view id) const {
    const std::size_t size = options_.habits == nullptr ? 0 : options_.habits->call_id_size;
    const bool fits = size == 0 || (id.size() == size && std::all_of(id.begin(), id.end(), is_alphanumeric));
    return fits ? std::string(id) : short_id(id, size);
  }

  void message(std::string_view role, std::string_view name, const Blocks& blocks) {
    begin_message(role, name);
    content(blocks, "\"\"");
    out_ += '}';
  }

  // Results are messages of their own and follow the calls at once. They have text alone: what else is in them follows
  // as the user's.
  void results_and_rest(const chat::Turn& turn) {
    Blocks rest;
    bool has_results = false;
    for (const Block& block : turn.blocks) {
      const auto* result = as<chat::ToolResult>(block);
      if (result == nullptr) continue;
      has_results = true;
      Blocks texts;
      for (const Block& part : result->blocks) (as<chat::Text>(part) != nullptr ? texts : rest).push_back(&part);
      tool_result(*result, texts, block.cache);
    }
    for (const Block& block : turn.blocks) {
      if (as<chat::ToolResult>(block) == nullptr) rest.push_back(&block);
    }
    if (has_results && rest.empty()) return;
    message(turn.role == chat::Role::system ? "system" : "user", turn.name, rest);
  }

  // Without an id it is the result of a call in the older form.
  void tool_result(const chat::ToolResult& result, const Blocks& texts, std::string_view cache) {
    begin_message(result.call_id.empty() ? "function" : "tool", result.call_id.empty() ? result.name : "");
    if (!result.call_id.empty()) append_text(out_, "tool_call_id", own_id(result.call_id));
    content(texts, result.is_error ? "\"error\"" : "\"\"");
    if (result.is_error && !texts.empty() && options_.dropped != nullptr) {
      Dropped(*options_.dropped, kNowhere).add(kIsError);
    }
    append_cache_mark(out_, cache, options_);
    out_ += '}';
  }

  void assistant(const chat::Turn& turn) {
    Blocks said, calls;
    std::vector<const chat::Reasoning*> thoughts;
    for (const Block& block : turn.blocks) {
      if (const auto* thought = as<chat::Reasoning>(block)) {
        thoughts.push_back(thought);
      } else {
        (as<chat::ToolCall>(block) != nullptr ? calls : said).push_back(&block);
      }
    }
    const bool has_media = std::any_of(said.begin(), said.end(), [](const Block* block) {
      return as<chat::Text>(*block) == nullptr && as<chat::Opaque>(*block) == nullptr;
    });
    if (has_media) refused_ = "what is no text, in a turn of the assistant,";
    begin_message("assistant", turn.name);
    content(said, calls.empty() ? "\"\"" : "null");
    reasoning(thoughts, !calls.empty());
    tool_calls(calls);
    out_ += '}';
  }

  // --- content ---

  // `nothing`: what is written if there are no blocks.
  void content(const Blocks& blocks, std::string_view nothing) {
    if (blocks.empty()) return append_json(out_, "content", nothing);
    const auto* text = as<chat::Text>(*blocks[0]);
    if (blocks.size() == 1 && text != nullptr && (blocks[0]->cache.empty() || !options_.cache_marks)) {
      return append_text(out_, "content", text->text);
    }
    append_json(out_, "content", "[");
    for (const Block* block : blocks) {
      append_comma(out_);
      std::visit([&](const auto& part) { this->part(part, block->cache); }, block->value);
    }
    out_ += ']';
  }

  void begin_part(std::string_view type) {
    out_ += '{';
    append_text(out_, "type", type);
  }
  void end_part(std::string_view cache) {
    append_cache_mark(out_, cache, options_);
    out_ += '}';
  }

  void part(const chat::Text& text, std::string_view cache) {
    begin_part("text");
    append_text(out_, "text", text.text);
    end_part(cache);
  }
  void part(const chat::Image& image, std::string_view cache) {
    begin_part("image_url");
    append_json(out_, "image_url", "{");
    append_data_or_url("url", image.url, image.media_type, image.bytes);
    if (!image.detail.empty()) append_text(out_, "detail", image.detail);
    out_ += '}';
    end_part(cache);
  }
  void part(const chat::Audio& audio, std::string_view cache) {
    begin_part("input_audio");
    append_json(out_, "input_audio", "{");
    append_text(out_, "data", audio.bytes);
    append_text(out_, "format", audio.format);
    out_ += '}';
    end_part(cache);
  }
  void part(const chat::Document& document, std::string_view cache) {
    if (!document.url.empty()) refused_ = "a document by its URL";
    if (!document.text.empty()) return part(chat::Text{document.text, {}}, cache);
    begin_part("file");
    append_json(out_, "file", "{");
    if (!document.name.empty()) append_text(out_, "filename", document.name);
    append_data_or_url("file_data", document.url, document.media_type, document.bytes);
    out_ += '}';
    end_part(cache);
  }
  void part(const chat::Opaque& opaque, std::string_view) {
    if (opaque.origin == kOwnOrigin) {
      out_ += opaque.json;
    } else {
      refused_ = "a block of " + std::string(opaque.origin) + "'s own";
    }
  }
  void part(const chat::ToolCall&, std::string_view) { refused_ = "a tool call in a turn of the user"; }
  void part(const chat::ToolResult&, std::string_view) { refused_ = "a tool's result within another block"; }
  void part(const chat::Reasoning&, std::string_view) { refused_ = "reasoning in a turn of the user"; }

  void append_data_or_url(std::string_view key, std::string_view url, std::string_view type, std::string_view bytes) {
    if (!url.empty() || type.empty()) return append_text(out_, key, url.empty() ? bytes : url);
    std::string data("data:");
    data.append(type).append(";base64,").append(bytes);
    append_text(out_, key, data);
  }

  // --- calls and reasoning ---

  void tool_calls(const Blocks& calls) {
    if (calls.empty()) return;
    const auto& first = *as<chat::ToolCall>(*calls[0]);
    if (calls.size() == 1 && first.id.empty()) {
      append_key(out_, "function_call");
      return function(first);
    }
    append_json(out_, "tool_calls", "[");
    for (const Block* block : calls) {
      const auto& call = *as<chat::ToolCall>(*block);
      append_comma(out_);
      out_ += '{';
      append_text(out_, "id", own_id(call.id));
      append_text(out_, "type", call.custom ? "custom" : "function");
      append_key(out_, call.custom ? "custom" : "function");
      function(call);
      if (options_.call_signatures && !call.signature.empty()) {
        append_json(out_, "extra_content", "{\"google\":{");
        append_text(out_, "thought_signature", call.signature);
        out_ += "}}";
      }
      out_ += '}';
    }
    out_ += ']';
  }

  void function(const chat::ToolCall& call) {
    out_ += '{';
    append_text(out_, "name", options_.short_names ? short_tool_name(call.name) : std::string(call.name));
    append_text(out_, call.custom ? "input" : "arguments", call.arguments);
    out_ += '}';
  }

  void reasoning(const std::vector<const chat::Reasoning*>& thoughts, bool has_calls) {
    if (thoughts.empty()) return;
    if (options_.reasoning == ReasoningHistory::none) return void(leaves_out("messages[].reasoning"));
    if (options_.reasoning == ReasoningHistory::beside_calls && !has_calls) return;
    if (options_.reasoning == ReasoningHistory::reasoning_details) return details(thoughts);
    std::string text;
    for (const chat::Reasoning* thought : thoughts) text += thought->text;
    if (text.empty()) return;
    const bool is_older = options_.reasoning == ReasoningHistory::reasoning;
    append_text(out_, is_older ? "reasoning" : "reasoning_content", text);
  }

  void details(const std::vector<const chat::Reasoning*>& thoughts) {
    append_json(out_, "reasoning_details", "[");
    for (const chat::Reasoning* thought : thoughts) {
      if (thought->origin.starts_with(responses::kRawOrigin)) continue;  // of one account of another provider's
      append_comma(out_);
      out_ += '{';
      append_text(out_, "type", thought->redacted.empty() ? "reasoning.text" : "reasoning.encrypted");
      if (!thought->text.empty()) append_text(out_, "text", thought->text);
      if (!thought->signature.empty()) append_text(out_, "signature", thought->signature);
      if (!thought->redacted.empty()) append_text(out_, "data", thought->redacted);
      if (!thought->origin.empty()) append_text(out_, "format", thought->origin);
      out_ += '}';
    }
    out_ += ']';
  }

  std::string& out_;
  const OpenAiBodyOptions& options_;
  std::string refused_;  // what has no place
};

}  // namespace

Result<void> append_openai_messages(std::string& out, const ChatRequest& chat, const OpenAiBodyOptions& options) {
  return MessageWriting(out, options).write(chat);
}

void append_cache_mark(std::string& out, std::string_view cache, const OpenAiBodyOptions& options) {
  if (cache.empty() || !options.cache_marks) return;
  append_json(out, "cache_control", "{\"type\":\"ephemeral\"");
  if (cache != "5m") append_text(out, "ttl", cache);  // which is what it is without
  out += '}';
}

}  // namespace gateway
