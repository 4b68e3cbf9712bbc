#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surfaces/call_id.h"
#include "surfaces/openai.h"
#include "surfaces/openai_parts.h"
#include "wire/json/text.h"

namespace gateway {
namespace openai {
namespace {

// A call without an id is one in OpenAI's older form, `function_call`.
class ChunkWriter final : public AnswerWriter {
 public:
  explicit ChunkWriter(bool include_usage) : include_usage_(include_usage) {}

  void write(const ChatEvent& event, std::string& out) override {
    out_ = &out;
    std::visit([this](const auto& each) { on(each); }, event);
  }
  std::size_t kept() const noexcept override { return kept_; }

 private:
  struct Call {
    bool custom = false, older = false;
    bool is_signed = false;  // by its first chunk
  };
  struct Choice {
    std::string reasoning;  // as long as it is open: its signature goes out with all of it
    std::vector<Call> calls;
  };

  void on(const chat::Begin& begin) {
    head_.take(begin);
    choice(0);
  }
  void on(const chat::TextDelta& delta) { write_text(delta.choice, "content", delta.text); }
  void on(const chat::RefusalDelta& delta) { write_text(delta.choice, "refusal", delta.text); }
  void on(const chat::ReasoningDelta& delta) {
    choice(delta.choice).reasoning += delta.text;
    kept_ += delta.text.size();
    write_text(delta.choice, "reasoning_content", delta.text);
  }
  void on(const chat::ReasoningEnd& end) {
    const std::string text = std::exchange(choice(end.choice).reasoning, {});
    kept_ -= text.size();
    if (!is_signed(end)) return;
    begin_delta(end.choice);
    append_json(*out_, "reasoning_details", "[");
    append_reasoning_detail(*out_, text, end);
    *out_ += ']';
    end_delta();
  }
  void on(const chat::ToolBegin& begin) {
    // The older form has one call, of a function, and no id.
    const bool older = begin.id.empty() && begin.index == 0 && !begin.custom;
    const Call& call = call_of(begin.choice, begin.index) = {begin.custom, older, !begin.signature.empty()};
    begin_delta(begin.choice);
    if (call.older) {
      append_key(*out_, "function_call");
    } else {
      begin_call(begin.index);
      append_text(*out_, "id", call_id("call_", begin.id, head_.id(), begin.choice, begin.index));
      append_text(*out_, "type", call.custom ? "custom" : "function");
      append_key(*out_, call.custom ? "custom" : "function");
    }
    append_function(*out_, call.custom, begin.name, {});
    if (call.is_signed && !call.older) append_signature(*out_, begin.signature);
    if (!call.older) *out_ += "}]";
    end_delta();
  }
  void on(const chat::ToolArguments& arguments) {
    const Call call = call_of(arguments.choice, arguments.index);
    begin_delta(arguments.choice);
    if (!call.older) begin_call(arguments.index);
    append_json(*out_, call.older ? "function_call" : call.custom ? "custom" : "function", "{");
    append_text(*out_, call.custom ? "input" : "arguments", arguments.piece);
    *out_ += '}';
    if (!call.older) *out_ += "}]";
    end_delta();
  }
  void on(const chat::ToolEnd& end) {
    const Call call = call_of(end.choice, end.index);
    if (end.signature.empty() || call.is_signed || call.older) return;
    begin_delta(end.choice);
    begin_call(end.index);
    append_json(*out_, call.custom ? "custom" : "function", "{}");  // strict clients want it in each delta
    append_signature(*out_, end.signature);
    *out_ += "}]";
    end_delta();
  }
  void on(const chat::Annotation& annotation) { write_list(annotation.choice, "annotations", annotation.json); }
  void on(const chat::Media& media) {
    if (!media.audio) return write_list(media.choice, "images", media.json);
    begin_delta(media.choice);
    append_json(*out_, "audio", media.json);
    end_delta();
  }
  void on(const chat::LogProbs& probabilities) {
    begin_delta(probabilities.choice);
    *out_ += '}';
    append_json(*out_, "logprobs", probabilities.json);
    end_chunk("null");
  }
  void on(const chat::Finish& finish) {
    begin_delta(finish.choice);
    *out_ += '}';
    std::string word;
    append_json_string(word, finish_word(finish));
    end_chunk(word);
  }
  void on(const chat::UsageReport& report) { usage_ = report; }
  void on(const chat::End&) {
    if (!include_usage_ || !usage_) return;
    begin_chunk();
    append_json(*out_, "choices", "[]");
    append_key(*out_, "usage");
    append_usage(*out_, *usage_);
    *out_ += "}\n\n";
  }
  // Both are written by the surface.
  void on(const chat::Ping&) {}
  void on(const chat::Error&) {}

  // The first chunk of a choice says whose message it is.
  Choice& choice(int number) {
    const auto [at, is_new] = choices_.try_emplace(number);
    if (is_new) {
      begin_delta_of(number);
      append_text(*out_, "role", "assistant");
      append_text(*out_, "content", {});
      end_delta();
    }
    return at->second;
  }
  Call& call_of(int number, int index) {
    std::vector<Call>& calls = choice(number).calls;
    const auto place = static_cast<std::size_t>(index);
    if (calls.size() <= place) calls.resize(place + 1);
    return calls[place];
  }

  void write_text(int number, std::string_view key, std::string_view text) {
    begin_delta(number);
    append_text(*out_, key, text);
    end_delta();
  }
  void write_list(int number, std::string_view key, std::string_view element) {
    begin_delta(number);
    append_json(*out_, key, "[");
    out_->append(element).append("]");
    end_delta();
  }

  void begin_chunk() {
    *out_ += "data: {";
    head_.append(*out_, "chat.completion.chunk");
  }
  void begin_delta(int number) {
    choice(number);
    begin_delta_of(number);
  }
  void begin_delta_of(int number) {
    begin_chunk();
    append_json(*out_, "choices", "[{");
    append_number(*out_, "index", number);
    append_json(*out_, "delta", "{");
  }
  void begin_call(int index) {
    append_json(*out_, "tool_calls", "[{");
    append_number(*out_, "index", index);
  }
  void end_delta() {
    *out_ += '}';
    end_chunk("null");
  }
  void end_chunk(std::string_view finish_reason) {
    append_json(*out_, "finish_reason", finish_reason);
    *out_ += "}]}\n\n";
  }

  const bool include_usage_;
  std::string* out_ = nullptr;  // of the event that is being written
  Head head_;
  std::map<int, Choice> choices_;
  std::size_t kept_ = 0;
  std::optional<chat::UsageReport> usage_;
};

}  // namespace
}  // namespace openai

std::unique_ptr<AnswerWriter> make_openai_writer(bool stream, bool include_usage) {
  if (stream) return std::make_unique<openai::ChunkWriter>(include_usage);
  return openai::make_document_writer();
}

}  // namespace gateway
