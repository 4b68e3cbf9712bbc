#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surfaces/call_id.h"
#include "surfaces/openai_parts.h"
#include "surfaces/openai_pieces.h"

namespace gateway::openai {
namespace {

// A single call without an id is one in OpenAI's older form, `function_call`.
class DocumentWriter final : public AnswerWriter {
 public:
  void write(const ChatEvent& event, std::string& out) override {
    if (std::holds_alternative<chat::End>(event)) return append(out);
    std::visit([this](const auto& each) { on(each); }, event);
  }
  std::size_t kept() const noexcept override {
    std::size_t bytes = 0;
    for (const auto& [number, choice] : choices_) bytes += choice.size();
    return bytes;
  }

 private:
  struct Call {
    std::string id, name, arguments, signature;
    bool custom = false;
  };
  struct Choice {
    std::string text, refusal, reasoning;
    std::string open_reasoning;       // the part of `reasoning` that is not signed yet
    std::string details;              // elements
    std::string annotations, images;  // elements
    std::string finish_reason;
    std::vector<Call> calls;
    AudioPieces audio;
    LogProbPieces log_probs;

    std::size_t size() const noexcept {
      std::size_t bytes = text.size() + refusal.size() + reasoning.size() + open_reasoning.size() + details.size() +
                          annotations.size() + images.size() + audio.size() + log_probs.size();
      for (const Call& call : calls) {
        bytes += call.id.size() + call.name.size() + call.arguments.size() + call.signature.size();
      }
      return bytes;
    }
  };

  static std::string& next_element(std::string& list) {
    if (!list.empty()) list += ',';
    return list;
  }

  void on(const chat::Begin& begin) { head_.take(begin); }
  void on(const chat::TextDelta& delta) { choices_[delta.choice].text += delta.text; }
  void on(const chat::RefusalDelta& delta) { choices_[delta.choice].refusal += delta.text; }
  void on(const chat::ReasoningDelta& delta) {
    choices_[delta.choice].reasoning += delta.text;
    choices_[delta.choice].open_reasoning += delta.text;
  }
  void on(const chat::ReasoningEnd& end) {
    Choice& choice = choices_[end.choice];
    const std::string text = std::exchange(choice.open_reasoning, {});
    if (is_signed(end)) append_reasoning_detail(next_element(choice.details), text, end);
  }
  void on(const chat::ToolBegin& begin) {
    Call& call = call_of(begin.choice, begin.index);
    call.id = begin.id;
    call.name = begin.name;
    call.custom = begin.custom;
  }
  void on(const chat::ToolArguments& arguments) {
    call_of(arguments.choice, arguments.index).arguments += arguments.piece;
  }
  void on(const chat::ToolEnd& end) { call_of(end.choice, end.index).signature = end.signature; }
  void on(const chat::Annotation& annotation) {
    next_element(choices_[annotation.choice].annotations) += annotation.json;
  }
  void on(const chat::Media& media) {
    Choice& choice = choices_[media.choice];
    if (media.audio) return choice.audio.add(media.json);
    next_element(choice.images) += media.json;
  }
  void on(const chat::LogProbs& piece) { choices_[piece.choice].log_probs.add(piece.json); }
  void on(const chat::Finish& finish) { choices_[finish.choice].finish_reason = finish_word(finish); }
  void on(const chat::UsageReport& report) { usage_ = report; }
  void on(const chat::Ping&) {}
  void on(const chat::Error&) {}
  void on(const chat::End&) {}

  Call& call_of(int number, int index) {
    std::vector<Call>& calls = choices_[number].calls;
    const auto place = static_cast<std::size_t>(index);
    if (calls.size() <= place) calls.resize(place + 1);
    return calls[place];
  }

  void append(std::string& out) const {
    out += '{';
    head_.append(out, "chat.completion");
    append_json(out, "choices", "[");
    for (const auto& [number, choice] : choices_) append_choice(out, number, choice);
    out += ']';
    if (usage_) {
      append_key(out, "usage");
      append_usage(out, *usage_);
    }
    out += '}';
  }

  void append_choice(std::string& out, int number, const Choice& choice) const {
    if (out.back() != '[') out += ',';
    out += '{';
    append_number(out, "index", number);
    append_json(out, "message", "{");
    append_message(out, number, choice);
    out += '}';
    append_json(out, "logprobs", choice.log_probs.empty() ? "null" : choice.log_probs.json());
    append_text(out, "finish_reason", choice.finish_reason);
    out += '}';
  }

  void append_message(std::string& out, int number, const Choice& choice) const {
    append_text(out, "role", "assistant");
    const bool is_silent = !choice.calls.empty() || !choice.refusal.empty() || !choice.audio.empty();
    if (choice.text.empty() && is_silent) {
      append_json(out, "content", "null");
    } else {
      append_text(out, "content", choice.text);
    }
    if (choice.refusal.empty()) {
      append_json(out, "refusal", "null");
    } else {
      append_text(out, "refusal", choice.refusal);
    }
    if (!choice.reasoning.empty()) append_text(out, "reasoning_content", choice.reasoning);
    append_elements(out, "reasoning_details", choice.details);
    append_elements(out, "annotations", choice.annotations);
    append_elements(out, "images", choice.images);
    if (!choice.audio.empty()) append_json(out, "audio", choice.audio.json());
    append_calls(out, number, choice.calls);
  }

  static void append_elements(std::string& out, std::string_view key, std::string_view elements) {
    if (elements.empty()) return;
    append_json(out, key, "[");
    out.append(elements).append("]");
  }

  void append_calls(std::string& out, int number, const std::vector<Call>& calls) const {
    if (calls.empty()) return;
    if (calls.size() == 1 && calls[0].id.empty() && !calls[0].custom) {
      append_key(out, "function_call");
      return append_function(out, false, calls[0].name, calls[0].arguments);
    }
    append_json(out, "tool_calls", "[");
    int index = 0;
    for (const Call& call : calls) {
      if (out.back() != '[') out += ',';
      out += '{';
      append_text(out, "id", call_id("call_", call.id, head_.id(), number, index++));
      append_text(out, "type", call.custom ? "custom" : "function");
      append_key(out, call.custom ? "custom" : "function");
      append_function(out, call.custom, call.name, call.arguments);
      if (!call.signature.empty()) append_signature(out, call.signature);
      out += '}';
    }
    out += ']';
  }

  Head head_;
  std::map<int, Choice> choices_;
  std::optional<chat::UsageReport> usage_;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_document_writer() { return std::make_unique<DocumentWriter>(); }

}  // namespace gateway::openai
