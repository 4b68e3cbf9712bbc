#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/text_hash.h"
#include "providers/anthropic_parts.h"
#include "providers/split_turns.h"
#include "wire/anthropic/message_reader.h"
#include "wire/json/members.h"
#include "wire/json/repair.h"

namespace gateway::anthropic {
namespace {

using chat::Block;
using json::append_comma;
using json::append_json;
using json::append_text;

constexpr std::string_view kBlank = " \t\r\n\v\f";
constexpr std::string_view kPdf = "application/pdf";

template <class Kind>
const Kind* as(const Block& block) noexcept {
  return std::get_if<Kind>(&block.value);
}

bool is_id(std::string_view id) noexcept {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// The same for a call and its result, on every turn.
std::string own_id(std::string_view id) { return is_id(id) ? std::string(id) : hashed_id("toolu_", id); }

bool is_signed_here(const chat::Reasoning& thought) noexcept {
  return thought.origin == kSignatureOrigin && (!thought.signature.empty() || !thought.redacted.empty());
}

class ConversationWriting {
 public:
  ConversationWriting(std::string& out, const AnthropicModel& model, Dropped& dropped)
      : out_(out), model_(model), dropped_(dropped) {}

  Result<void> write(const ChatRequest& chat, std::string_view hint) {
    chat::Turn only{};
    const auto [instructions, turns] = split_turns(chat, model_.system_turns, only);
    system(instructions, hint);
    append_json(out_, "messages", "[");
    for (auto at = turns.begin(); at != turns.end() && refused_.empty();) {
      const auto other_role = [&](const chat::Turn* turn) { return turn->role != (*at)->role; };
      const auto end = std::find_if(at, turns.end(), other_role);
      message({at, end}, end == turns.end());
      at = end;
    }
    out_ += ']';
    if (!refused_.empty()) return Error{ErrorCode::unsupported, "messages: " + refused_ + " has no place in them"};
    return {};
  }

 private:
  void system(const std::vector<const Block*>& instructions, std::string_view hint) {
    const std::size_t before = out_.size();
    append_json(out_, "system", "[");
    const std::size_t opened = out_.size();
    for (const Block* block : instructions) write_block(*block);
    if (!hint.empty()) write_block({chat::Text{hint, {}}, {}});
    if (out_.size() == opened) return out_.resize(before);
    out_ += ']';
  }

  // Turns of one role. Results come first, whichever of the turns they are in.
  void message(std::span<const chat::Turn* const> turns, bool is_last) {
    const std::size_t before = out_.size();
    const chat::Role role = turns[0]->role;
    append_comma(out_);
    out_ += '{';
    append_text(out_, "role",
                role == chat::Role::assistant ? "assistant"
                : role == chat::Role::system  ? "system"
                                              : "user");
    append_json(out_, "content", "[");
    const std::size_t opened = out_.size();
    for (const bool results : {true, false}) {
      for (const chat::Turn* turn : turns) {
        if (!turn->name.empty()) dropped_.add("messages[].name");
        for (const Block& block : turn->blocks) {
          if ((as<chat::ToolResult>(block) != nullptr) != results) continue;
          const bool is_end = is_last && turn == turns.back() && &block == &turn->blocks.back();
          trims_ = role == chat::Role::assistant && is_end;
          write_block(block);
        }
      }
    }
    if (out_.size() == opened) return out_.resize(before);
    out_ += "]}";
  }

  void write_block(const Block& block) {
    std::visit([&](const auto& each) { this->block(each, block.cache); }, block.value);
  }

  void begin(std::string_view type) {
    append_comma(out_);
    out_ += '{';
    append_text(out_, "type", type);
  }
  void end(std::string_view cache) {
    append_cache_mark(out_, cache);
    out_ += '}';
  }

  void block(const chat::Text& text, std::string_view cache) {
    std::string_view said = text.text;
    if (is_blank(said)) return;
    if (trims_) said = said.substr(0, said.find_last_not_of(kBlank) + 1);
    begin("text");
    append_text(out_, "text", said);
    end(cache);
  }

  void block(const chat::Image& image, std::string_view cache) {
    if (image.media_type == kPdf) return block(chat::Document{{}, image.bytes, {}, kPdf, {}}, cache);
    if (!image.detail.empty() && image.detail != "auto") dropped_.add("image_url.detail");
    begin("image");
    source(image.url, image.media_type, image.bytes);
    end(cache);
  }

  void block(const chat::Document& document, std::string_view cache) {
    const bool is_pdf = document.media_type.empty() || document.media_type == kPdf;
    if (!document.bytes.empty() && !is_pdf) {
      const auto text = document.media_type.starts_with("text/") ? decoded_base64(document.bytes) : std::nullopt;
      if (text && !text->empty()) return block(chat::Document{{}, {}, *text, {}, document.name}, cache);
      refused_ = "a file of the type '" + std::string(document.media_type.substr(0, 64)) + "'";
      return;
    }
    begin("document");
    if (document.text.empty()) {
      source(document.url, kPdf, document.bytes);
    } else {
      append_json(out_, "source", R"({"type":"text","media_type":"text/plain")");
      append_text(out_, "data", document.text);
      out_ += '}';
    }
    if (!document.name.empty()) append_text(out_, "title", document.name);
    end(cache);
  }

  void source(std::string_view url, std::string_view media_type, std::string_view bytes) {
    append_json(out_, "source", "{");
    append_text(out_, "type", url.empty() ? "base64" : "url");
    if (url.empty()) {
      append_text(out_, "media_type", media_type);
      append_text(out_, "data", bytes);
    } else {
      append_text(out_, "url", url);
    }
    out_ += '}';
  }

  void block(const chat::Audio&, std::string_view) { refused_ = "audio"; }

  void block(const chat::ToolCall& call, std::string_view cache) {
    if (call.custom) {
      refused_ = "a call of a custom tool";
      return;
    }
    const std::string input = json::object_of(call.arguments);
    if (input != call.arguments && !is_blank(call.arguments)) dropped_.add("tool_calls[].function.arguments");
    begin("tool_use");
    append_text(out_, "id", call.id.empty() ? "call_" + std::to_string(unnamed_calls_++) : own_id(call.id));
    append_text(out_, "name", call.name);
    append_json(out_, "input", input);
    end(cache);
  }

  void block(const chat::ToolResult& result, std::string_view cache) {
    begin("tool_result");
    append_text(out_, "tool_use_id",
                result.call_id.empty() ? "call_" + std::to_string(unnamed_results_++) : own_id(result.call_id));
    append_json(out_, "content", "[");
    for (const Block& part : result.blocks) {
      const bool fits = as<chat::Text>(part) || as<chat::Image>(part) || as<chat::Document>(part);
      if (!fits && as<chat::Opaque>(part) == nullptr)
        refused_ = "what is neither text, image nor file, in a tool's result,";
      write_block(part);
    }
    out_ += ']';
    if (result.is_error) append_json(out_, "is_error", "true");
    end(cache);
  }

  // Signatures go back to who made them; what another model thought is nothing that this one may be told it did.
  void block(const chat::Reasoning& thought, std::string_view) {
    if (!is_signed_here(thought)) return dropped_.add("messages[].reasoning");
    if (!thought.redacted.empty()) {
      begin("redacted_thinking");
      append_text(out_, "data", thought.redacted);
    } else {
      begin("thinking");
      append_text(out_, "thinking", thought.text);
      append_text(out_, "signature", thought.signature);
    }
    out_ += '}';
  }

  void block(const chat::Opaque& opaque, std::string_view) {
    if (opaque.origin != kOwn) {
      refused_ = "a block of " + std::string(opaque.origin) + "'s own";
      return;
    }
    append_comma(out_);
    out_ += opaque.json;
  }

  std::string& out_;
  const AnthropicModel& model_;
  Dropped& dropped_;
  std::string refused_;                          // what has no place
  bool trims_ = false;                           // white space at the end of what the assistant is to go on from
  int unnamed_calls_ = 0, unnamed_results_ = 0;  // in OpenAI's older form
};

}  // namespace

bool is_blank(std::string_view text) noexcept { return text.find_first_not_of(kBlank) == std::string_view::npos; }

void append_cache_mark(std::string& out, std::string_view cache) {
  if (cache.empty()) return;
  append_json(out, "cache_control", "{\"type\":\"ephemeral\"");
  if (cache != "5m") append_text(out, "ttl", cache);
  out += '}';
}

Result<void> append_conversation(std::string& out, const ChatRequest& chat, const AnthropicModel& model,
                                 std::string_view hint, Dropped& dropped) {
  return ConversationWriting(out, model, dropped).write(chat, hint);
}

bool lacks_reasoning(const ChatRequest& chat) noexcept {
  const auto last = std::find_if(chat.turns.rbegin(), chat.turns.rend(),
                                 [](const chat::Turn& turn) { return turn.role == chat::Role::assistant; });
  if (last == chat.turns.rend()) return false;
  const bool calls = std::any_of(last->blocks.begin(), last->blocks.end(),
                                 [](const Block& block) { return as<chat::ToolCall>(block) != nullptr; });
  if (!calls) return false;
  const auto* first = as<chat::Reasoning>(last->blocks.front());
  return first == nullptr || !is_signed_here(*first);
}

}  // namespace gateway::anthropic
