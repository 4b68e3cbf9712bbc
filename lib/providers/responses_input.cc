#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/text_hash.h"
#include "providers/responses_parts.h"
#include "wire/json/members.h"
#include "wire/responses/response_reader.h"

namespace gateway::responses {
namespace {

using chat::Block;
using json::append_comma;
using json::append_json;
using json::append_text;

constexpr std::size_t kMostCallId = 64;

template <class Kind>
const Kind* block_as(const Block& block) noexcept {
  return std::get_if<Kind>(&block.value);
}

// The same for a call and its output, on every turn.
std::string short_call_id(std::string_view id) { return bounded_id("call_", id, kMostCallId); }

class InputWriting {
 public:
  InputWriting(std::string& out, const ResponsesBodyOptions& options, Dropped& dropped)
      : out_(out), options_(options), dropped_(dropped) {}

  Result<void> write(const ChatRequest& chat) {
    append_json(out_, "input", "[");
    message("system", chat.system);
    for (const chat::Turn& turn : chat.turns) {
      if (!turn.name.empty()) dropped_.add("messages[].name");
      if (turn.role == chat::Role::assistant) {
        assistant(turn);
      } else {
        for (const Block& block : turn.blocks) {
          if (const auto* result = block_as<chat::ToolResult>(block)) output(*result);
        }
        message(turn.role == chat::Role::system ? "system" : "user", turn.blocks);
      }
      if (!refused_.empty()) break;
    }
    out_ += ']';
    if (!refused_.empty()) return Error{ErrorCode::unsupported, "messages: " + refused_ + " has no place in them"};
    return {};
  }

 private:
  void begin(std::string_view type) {
    append_comma(out_);
    out_ += '{';
    append_text(out_, "type", type);
  }

  // --- messages ---

  // Without what has places of its own: outputs of calls.
  void message(std::string_view role, const std::vector<Block>& blocks) {
    const std::size_t before = out_.size();
    append_comma(out_);
    out_ += '{';
    append_text(out_, "role", role);
    append_json(out_, "content", "[");
    const std::size_t opened = out_.size();
    for (const Block& block : blocks) {
      if (block_as<chat::ToolResult>(block) == nullptr) part(block);
    }
    if (out_.size() == opened) return out_.resize(before);
    out_ += "]}";
  }

  void part(const Block& block) {
    if (!block.cache.empty()) dropped_.add("cache_control");
    std::visit([this](const auto& each) { this->part_of(each); }, block.value);
  }

  void part_of(const chat::Text& text) {
    if (text.text.empty()) return;
    begin("input_text");
    append_text(out_, "text", text.text);
    out_ += '}';
  }
  void part_of(const chat::Image& image) {
    begin("input_image");
    data_or_url("image_url", image.url, image.media_type, image.bytes);
    append_text(out_, "detail", image.detail.empty() ? "auto" : image.detail);
    out_ += '}';
  }
  void part_of(const chat::Audio& audio) {
    begin("input_audio");
    append_json(out_, "input_audio", "{");
    append_text(out_, "data", audio.bytes);
    append_text(out_, "format", audio.format);
    out_ += "}}";
  }
  void part_of(const chat::Document& document) {
    if (!document.text.empty()) return part_of(chat::Text{document.text, {}});
    begin("input_file");
    if (!document.url.empty()) {
      append_text(out_, "file_url", document.url);
    } else {
      append_text(out_, "filename", document.name.empty() ? "document.pdf" : document.name);  // without it: refused
      data_or_url("file_data", {}, document.media_type.empty() ? "application/pdf" : document.media_type,
                  document.bytes);
    }
    out_ += '}';
  }
  void part_of(const chat::Opaque& opaque) { refused_ = "a block of " + std::string(opaque.origin) + "'s own"; }
  void part_of(const chat::ToolCall&) { refused_ = "a tool call in a turn of the user"; }
  void part_of(const chat::ToolResult&) { refused_ = "a tool's result within another block"; }
  void part_of(const chat::Reasoning&) { refused_ = "reasoning in a turn of the user"; }

  void data_or_url(std::string_view key, std::string_view url, std::string_view type, std::string_view bytes) {
    if (!url.empty()) return append_text(out_, key, url);
    append_json(out_, key, "\"data:");
    out_.append(type).append(";base64,").append(bytes).push_back('"');
  }

  // --- what the assistant did, in its order ---

  void assistant(const chat::Turn& turn) {
    bool says = false;  // a message is open
    for (const Block& block : turn.blocks) {
      if (const auto* text = block_as<chat::Text>(block)) {
        if (text->text.empty()) continue;
        if (!says) {
          append_comma(out_);
          out_ += R"({"role":"assistant","content":[)";
        }
        says = true;
        begin("output_text");
        append_text(out_, "text", text->text);
        out_ += '}';
        continue;
      }
      if (says) out_ += "]}";
      says = false;
      if (const auto* call = block_as<chat::ToolCall>(block)) {
        this->call(*call);
      } else if (const auto* thought = block_as<chat::Reasoning>(block)) {
        reasoning(*thought);
      } else if (const auto* opaque = block_as<chat::Opaque>(block)) {
        part_of(*opaque);
      } else {
        refused_ = "what is no text, in a turn of the assistant,";
      }
    }
    if (says) out_ += "]}";
  }

  void call(const chat::ToolCall& call) {
    const std::string id = call.id.empty() ? "call_" + std::to_string(unnamed_calls_++) : short_call_id(call.id);
    if (call.custom) custom_.insert(id);
    begin(call.custom ? "custom_tool_call" : "function_call");
    append_text(out_, "call_id", id);
    append_text(out_, "name", name_of(call.name, options_));
    if (call.custom) {
      append_text(out_, "input", call.arguments);
    } else {
      append_text(out_, "arguments", call.arguments.empty() ? "{}" : call.arguments);
    }
    out_ += '}';
  }

  void output(const chat::ToolResult& result) {
    const std::string id =
        result.call_id.empty() ? "call_" + std::to_string(unnamed_results_++) : short_call_id(result.call_id);
    begin(custom_.contains(id) ? "custom_tool_call_output" : "function_call_output");
    append_text(out_, "call_id", id);
    const auto* text = result.blocks.size() == 1 ? block_as<chat::Text>(result.blocks[0]) : nullptr;
    if (text != nullptr || result.blocks.empty()) {
      const std::string_view nothing = result.is_error ? "error" : "";
      append_text(out_, "output", text != nullptr && !text->text.empty() ? text->text : nothing);
    } else {
      append_json(out_, "output", "[");
      for (const Block& each : result.blocks) part(each);
      out_ += ']';
    }
    if (result.is_error && !result.blocks.empty()) dropped_.add("tool_result.is_error");
    out_ += '}';
  }

  // What its provider has encrypted goes back to it, and to nobody else; what a client got from such a provider in the
  // provider's own bytes does not say from whom.
  void reasoning(const chat::Reasoning& thought) {
    const bool is_raw = thought.origin == kRawOrigin;
    const bool is_own = !thought.redacted.empty() && (is_raw || thought.origin == options_.signs_as);
    const bool is_read = options_.reads_reasoning && !thought.text.empty();
    if (!is_own && !is_read) return dropped_.add("messages[].reasoning");
    begin("reasoning");
    append_json(out_, "summary", "[");
    if (is_own && !thought.text.empty()) {
      begin("summary_text");
      append_text(out_, "text", thought.text);
      out_ += '}';
    }
    out_ += ']';
    if (is_own) {
      append_text(out_, "encrypted_content", thought.redacted);
    } else {
      append_json(out_, "content", "[");
      begin("reasoning_text");
      append_text(out_, "text", thought.text);
      out_ += "}]";
    }
    out_ += '}';
  }

  std::string& out_;
  const ResponsesBodyOptions& options_;
  Dropped& dropped_;
  std::string refused_;                          // what has no place
  std::set<std::string> custom_;                 // ids of calls of custom tools
  int unnamed_calls_ = 0, unnamed_results_ = 0;  // in OpenAI's older form
};

}  // namespace

Result<void> append_input(std::string& out, const ChatRequest& chat, const ResponsesBodyOptions& options,
                          Dropped& dropped) {
  return InputWriting(out, options, dropped).write(chat);
}

}  // namespace gateway::responses
