#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surfaces/anthropic.h"
#include "surfaces/call_id.h"
#include "wire/anthropic/message_reader.h"
#include "wire/gemini/response_reader.h"
#include "wire/json/members.h"
#include "wire/json/repair.h"

namespace gateway {
namespace {

using chat::FinishReason;
using json::append_json;
using json::append_number;
using json::append_text;

// A signature of another provider's: it comes back with the next turn, and says whose it is.
std::string marked(std::string_view origin, std::string_view signature) {
  if (origin == anthropic::kSignatureOrigin || signature.empty()) return std::string(signature);
  return "gateway:" + std::string(origin) + ":" + std::string(signature);
}

// Blocks have numbers in the order in which they begin. Of a document they are kept until its end; in a stream one is
// open at a time, and calls that come beside an open one are kept until it ends.
class MessageWriter final : public AnswerWriter {
 public:
  MessageWriter(bool stream, std::int64_t input_estimate) : stream_(stream) { usage_.input = input_estimate; }

  void write(const ChatEvent& event, std::string& out) override {
    out_ = &out;
    std::visit([this](const auto& each) { on(each); }, event);
  }
  std::size_t kept() const noexcept override { return kept_; }

 private:
  enum class Kind : std::uint8_t { text, thinking, redacted, call };
  struct Block {
    Kind kind = Kind::text;
    std::string id, name;
    std::string body;       // text, or arguments
    std::string signature;  // or what is redacted
    int call = -1;
    bool open = true;
    bool begun = false;  // it is on the wire
    bool ended = false;  // before it began there
    bool grew = false;
  };

  void on(const chat::Begin& begin) {
    id_ = begin.id.starts_with("msg_") ? std::string(begin.id) : "msg_" + std::string(begin.id);
    model_ = begin.model;
    if (!stream_) return;
    frame("message_start");
    append_json(*out_, "message", "{");
    append_head();
    append_json(*out_, "content", "[]");
    append_json(*out_, "stop_reason", "null");
    append_json(*out_, "stop_sequence", "null");
    append_usage();
    *out_ += '}';
    end_frame();
  }
  void on(const chat::TextDelta& delta) {
    if (delta.choice == 0) grow(of(Kind::text), "text_delta", "text", delta.text);
  }
  void on(const chat::RefusalDelta& delta) {
    if (delta.choice == 0) grow(of(Kind::text), "text_delta", "text", delta.text);
  }
  void on(const chat::ReasoningDelta& delta) {
    if (delta.choice == 0) grow(of(Kind::thinking), "thinking_delta", "thinking", delta.text);
  }
  void on(const chat::ReasoningEnd& end) {
    if (end.choice != 0) return;
    if (!end.redacted.empty()) {
      close_all();
      Block block;
      block.kind = Kind::redacted;
      block.signature = marked(end.origin, end.redacted);
      begin(std::move(block));
      return close_all();
    }
    const bool has_open = !blocks_.empty() && blocks_.back().open && blocks_.back().kind == Kind::thinking;
    if (!has_open && end.signature.empty()) return;
    const std::size_t place = of(Kind::thinking);
    if (!end.signature.empty()) {
      const std::string signature = marked(end.origin, end.signature);
      if (stream_) delta(place, "signature_delta", "signature", signature);
      blocks_[place].signature = signature;
    }
    close(place);
  }
  void on(const chat::ToolBegin& tool) {
    if (tool.choice != 0) return;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i].kind != Kind::call) close(i);
    }
    if (!tool.signature.empty()) sign_call(tool.signature);
    Block block;
    block.kind = Kind::call;
    block.id = call_id("toolu_", tool.id, id_, 0, tool.index);
    block.name = tool.name;
    block.call = tool.index;
    has_calls_ = true;
    const bool waits =
        stream_ && std::any_of(blocks_.begin(), blocks_.end(), [](const Block& each) { return each.open; });
    blocks_.push_back(std::move(block));
    if (!waits) send_start(blocks_.size() - 1);
  }
  void on(const chat::ToolArguments& arguments) {
    if (arguments.choice != 0 || arguments.piece.empty()) return;
    for (std::size_t i = blocks_.size(); i-- > 0;) {
      if (blocks_[i].call != arguments.index) continue;
      return grow(i, "input_json_delta", "partial_json", arguments.piece);
    }
  }
  void on(const chat::ToolEnd& end) {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (end.choice == 0 && blocks_[i].call == end.index) close(i);
    }
  }
  void on(const chat::Finish& finish) {
    if (finish.choice != 0) return;
    finish_ = finish.reason;
    if (finish.text == "stop_sequence") stop_sequence_ = finish.detail;
  }
  void on(const chat::UsageReport& report) { usage_ = report.usage; }
  void on(const chat::End&) {
    close_all();
    if (!stream_) return append_document();
    frame("message_delta");
    append_json(*out_, "delta", "{");
    append_stop();
    *out_ += '}';
    append_usage();
    end_frame();
    frame("message_stop");
    end_frame();
  }
  void on(const chat::Ping&) {}
  // What has no place in a message; the error is written by the surface.
  void on(const chat::Annotation&) {}
  void on(const chat::Media&) {}
  void on(const chat::LogProbs&) {}
  void on(const chat::Error&) {}

  // --- blocks ---

  // Calls have no place for what signed the thought that led to one: it goes ahead of it as a thought without words.
  void sign_call(std::string_view given) {
    const std::size_t place = of(Kind::thinking);
    const std::string signature = marked(gemini::kCallSignatureOrigin, given);
    if (stream_) delta(place, "signature_delta", "signature", signature);
    blocks_[place].signature = signature;
    close(place);
  }

  // The one of that kind that is open, or a new one.
  std::size_t of(Kind kind) {
    if (!blocks_.empty() && blocks_.back().open && blocks_.back().kind == kind) return blocks_.size() - 1;
    close_all();
    Block block;
    block.kind = kind;
    return begin(std::move(block));
  }

  std::size_t begin(Block block) {
    blocks_.push_back(std::move(block));
    const std::size_t place = blocks_.size() - 1;
    send_start(place);
    return place;
  }

  void send_start(std::size_t place) {
    blocks_[place].begun = true;
    if (!stream_) return;
    frame("content_block_start");
    append_number(*out_, "index", static_cast<std::int64_t>(place));
    append_json(*out_, "content_block", "");
    append_block(blocks_[place], true);
    end_frame();
  }

  void grow(std::size_t place, std::string_view type, std::string_view key, std::string_view text) {
    Block& block = blocks_[place];
    if (text.empty() || !block.open) return;
    block.grew = true;
    if (stream_ && block.begun) return delta(place, type, key, text);
    block.body += text;
    kept_ += text.size();
  }

  void delta(std::size_t place, std::string_view type, std::string_view key, std::string_view text) {
    frame("content_block_delta");
    append_number(*out_, "index", static_cast<std::int64_t>(place));
    append_json(*out_, "delta", "{");
    append_text(*out_, "type", type);
    append_text(*out_, key, text);
    *out_ += '}';
    end_frame();
  }

  void close(std::size_t place) {
    Block& block = blocks_[place];
    if (!block.open) return;
    if (!block.begun && stream_) {
      block.ended = true;
      return;
    }
    block.open = false;
    if (!stream_) return;
    if (block.kind == Kind::call && !block.grew) delta(place, "input_json_delta", "partial_json", "{}");
    frame("content_block_stop");
    append_number(*out_, "index", static_cast<std::int64_t>(place));
    end_frame();
    if (place + 1 < blocks_.size()) begin_waiting(place + 1);
  }
  // The call whose turn has come.
  void begin_waiting(std::size_t place) {
    Block& block = blocks_[place];
    if (block.begun) return;
    send_start(place);
    if (!block.body.empty()) delta(place, "input_json_delta", "partial_json", block.body);
    kept_ -= block.body.size();
    block.body.clear();
    if (block.ended) close(place);
  }
  void close_all() {
    for (std::size_t i = 0; i < blocks_.size(); ++i) close(i);
  }

  static std::string_view type_of(Kind kind) noexcept {
    switch (kind) {
      case Kind::text:
        return "text";
      case Kind::thinking:
        return "thinking";
      case Kind::redacted:
        return "redacted_thinking";
      case Kind::call:
        break;
    }
    return "tool_use";
  }

  void append_block(const Block& block, bool is_start) {
    *out_ += '{';
    append_text(*out_, "type", type_of(block.kind));
    switch (block.kind) {
      case Kind::text:
        append_text(*out_, "text", block.body);
        break;
      case Kind::thinking:
        append_text(*out_, "thinking", block.body);
        append_text(*out_, "signature", is_start ? std::string_view() : std::string_view(block.signature));
        break;
      case Kind::redacted:
        append_text(*out_, "data", block.signature);
        break;
      case Kind::call:
        append_text(*out_, "id", block.id);
        append_text(*out_, "name", block.name);
        append_json(*out_, "input", is_start || block.body.empty() ? "{}" : json::object_of(block.body));
        break;
    }
    *out_ += '}';
  }

  // --- the message ---

  void frame(std::string_view type) {
    out_->append("event: ").append(type).append("\ndata: {");
    append_text(*out_, "type", type);
  }
  void end_frame() { *out_ += "}\n\n"; }

  void append_head() {
    append_text(*out_, "id", id_);
    append_text(*out_, "type", "message");
    append_text(*out_, "role", "assistant");
    append_text(*out_, "model", model_);
  }

  void append_usage() {
    append_json(*out_, "usage", "{");
    append_number(*out_, "input_tokens", usage_.input - usage_.cached_input - usage_.cache_write);
    append_number(*out_, "cache_creation_input_tokens", usage_.cache_write);
    append_number(*out_, "cache_read_input_tokens", usage_.cached_input);
    append_number(*out_, "output_tokens", usage_.output);
    *out_ += '}';
  }

  // Some providers say `stop` beside tool calls.
  std::string_view stop_reason() const noexcept {
    if (finish_ == FinishReason::length) return "max_tokens";
    if (finish_ == FinishReason::filter || finish_ == FinishReason::refusal) return "refusal";
    if (has_calls_) return "tool_use";
    if (finish_ == FinishReason::pause) return "pause_turn";
    return stop_sequence_.empty() ? "end_turn" : "stop_sequence";
  }

  void append_stop() {
    append_text(*out_, "stop_reason", stop_reason());
    if (stop_sequence_.empty()) {
      append_json(*out_, "stop_sequence", "null");
    } else {
      append_text(*out_, "stop_sequence", stop_sequence_);
    }
  }

  void append_document() {
    *out_ += '{';
    append_head();
    append_json(*out_, "content", "[");
    for (const Block& block : blocks_) {
      json::append_comma(*out_);
      append_block(block, false);
    }
    *out_ += ']';
    append_stop();
    append_usage();
    *out_ += '}';
  }

  const bool stream_;
  std::string* out_ = nullptr;  // of the event that is being written
  std::string id_, model_, stop_sequence_;
  std::vector<Block> blocks_;
  std::size_t kept_ = 0;
  FinishReason finish_ = FinishReason::stop;
  bool has_calls_ = false;
  Usage usage_;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_anthropic_writer(bool stream, std::int64_t input_estimate) {
  return std::make_unique<MessageWriter>(stream, input_estimate);
}

}  // namespace gateway
