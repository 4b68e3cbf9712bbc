#include <simdjson.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surfaces/call_id.h"
#include "surfaces/insforge.h"
#include "surfaces/openai_parts.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

using json::append_json;
using json::append_number;
using json::append_text;

// Swift's reader of lines breaks them at these, which JSON leaves as they are.
void escape_line_ends(std::string& text, std::size_t from) {
  constexpr std::pair<std::string_view, std::string_view> kLineEnds[] = {
      {"\xc2\x85", "\\u0085"}, {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}};
  for (const auto& [end, escape] : kLineEnds) {
    for (std::size_t at = text.find(end, from); at != text.npos; at = text.find(end, at)) {
      text.replace(at, end.size(), escape);
    }
  }
}

// OpenRouter's form of a citation with InsForge's names. Nothing, if it is none.
std::string citation(std::string_view annotation) {
  simdjson::dom::parser parser;
  simdjson::dom::object cited;
  if (parser.parse(annotation.data(), annotation.size())["url_citation"].get(cited) != simdjson::SUCCESS) return {};
  std::string out = R"({"type":"url_citation","urlCitation":{)";
  for (const auto member : cited) {
    const std::string_view name = member.key == "start_index" ? "startIndex"
                                  : member.key == "end_index" ? "endIndex"
                                                              : member.key;
    json::append_comma(out);
    append_json_string(out, name);
    out.append(":").append(simdjson::minify(member.value));
  }
  return out += "}}";
}

std::string picture_url(std::string_view media) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view url;
  if (parser.parse(media.data(), media.size()).get(root) != simdjson::SUCCESS) return {};
  if (root["image_url"]["url"].get(url) == simdjson::SUCCESS) return std::string(url);
  return root["image_url"].get(url) == simdjson::SUCCESS ? std::string(url) : std::string();
}

// InsForge has no place for a second choice, for reasoning and for audio.
class InsforgeWriter final : public AnswerWriter {
 public:
  explicit InsforgeWriter(InsforgeAnswer answer) noexcept : answer_(answer) {}

  void write(const ChatEvent& event, std::string& out) override {
    const std::size_t from = out.size();
    out_ = &out;
    std::visit([this](const auto& each) { on(each); }, event);
    if (streams()) escape_line_ends(out, from);
  }
  std::size_t kept() const noexcept override { return kept_; }

 private:
  struct Call {
    std::string id, name, arguments;
  };

  bool streams() const noexcept { return answer_ == InsforgeAnswer::events || answer_ == InsforgeAnswer::one_event; }
  bool writes_events() const noexcept { return answer_ == InsforgeAnswer::events; }

  void on(const chat::Begin& begin) {
    id_ = begin.id;
    model_ = begin.model;
    if (!writes_events()) return;
    begin_event();
    append_head();
    append_json(*out_, "choices", R"([{"index":0,"delta":{"role":"assistant"},"finish_reason":null}])");
    end_event();
  }
  void on(const chat::TextDelta& delta) {
    if (delta.choice == 0) take_text(delta.text);
  }
  void on(const chat::RefusalDelta& delta) {
    if (delta.choice == 0) take_text(delta.text);
  }
  void on(const chat::ToolBegin& begin) {
    if (begin.choice != 0) return;
    Call& call = call_of(begin.index);
    call.id = call_id("call_", begin.id, id_, begin.choice, begin.index);
    call.name = begin.name;
    if (!writes_events()) return;
    begin_call(begin.index);
    append_text(*out_, "id", call.id);
    append_text(*out_, "type", "function");
    append_json(*out_, "function", "{");
    append_text(*out_, "name", begin.name);
    append_text(*out_, "arguments", {});
    end_call();
  }
  void on(const chat::ToolArguments& arguments) {
    if (arguments.choice != 0 || arguments.piece.empty()) return;
    call_of(arguments.index).arguments += arguments.piece;
    kept_ += arguments.piece.size();
    if (!writes_events()) return;
    begin_call(arguments.index);
    append_json(*out_, "function", "{");
    append_text(*out_, "arguments", arguments.piece);
    end_call();
  }
  void on(const chat::Annotation& annotation) {
    if (annotation.choice != 0) return;
    const std::string cited = citation(annotation.json);
    if (cited.empty()) return;
    if (!annotations_.empty()) annotations_ += ',';
    annotations_ += cited;
    kept_ += cited.size();
  }
  void on(const chat::Media& media) {
    if (media.audio || media.choice != 0) return;
    images_.push_back(picture_url(media.json));
    kept_ += images_.back().size();
  }
  void on(const chat::Finish& finish) {
    if (finish.choice == 0) finish_ = openai::finish_word(finish);
  }
  void on(const chat::UsageReport& report) { usage_ = report.usage; }
  void on(const chat::End&) {
    switch (answer_) {
      case InsforgeAnswer::document:
        return append_document();
      case InsforgeAnswer::events:
        return append_ending();
      case InsforgeAnswer::one_event:
        return append_only_event();
      case InsforgeAnswer::images:
      case InsforgeAnswer::kotlin_images:
        return append_images();
    }
  }
  void on(const chat::ReasoningDelta&) {}
  void on(const chat::ReasoningEnd&) {}
  void on(const chat::ToolEnd&) {}
  void on(const chat::LogProbs&) {}
  // Both are written by the surface.
  void on(const chat::Ping&) {}
  void on(const chat::Error&) {}

  void take_text(std::string_view text) {
    if (text.empty()) return;
    if (!writes_events()) {
      text_ += text;
      kept_ += text.size();
      return;
    }
    begin_event();
    append_text(*out_, "chunk", text);
    end_event();
    begin_event();  // Kotlin's client takes no other member
    append_json(*out_, "choices", R"([{"delta":{)");
    append_text(*out_, "content", text);
    *out_ += "}}]";
    end_event();
  }

  Call& call_of(int index) {
    const auto place = static_cast<std::size_t>(index);
    if (calls_.size() <= place) calls_.resize(place + 1);
    return calls_[place];
  }

  // --- parts ---

  void begin_event() { *out_ += "data: {"; }
  void end_event() { *out_ += "}\n\n"; }
  void append_head() {
    append_text(*out_, "id", id_);
    append_text(*out_, "model", model_);
  }
  void begin_call(int index) {
    begin_event();
    append_json(*out_, "choices", R"([{"delta":{"tool_calls":[{)");
    append_number(*out_, "index", index);
  }
  void end_call() {
    *out_ += "}}]}}]";
    end_event();
  }
  void append_calls(bool with_index) {
    if (calls_.empty()) return;
    append_json(*out_, "tool_calls", "[");
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      json::append_comma(*out_);
      *out_ += '{';
      if (with_index) append_number(*out_, "index", static_cast<std::int64_t>(i));
      append_text(*out_, "id", calls_[i].id);
      append_text(*out_, "type", "function");
      append_json(*out_, "function", "{");
      append_text(*out_, "name", calls_[i].name);
      append_text(*out_, "arguments", calls_[i].arguments);
      *out_ += "}}";
    }
    *out_ += ']';
  }
  void append_annotations() {
    if (annotations_.empty()) return;
    append_json(*out_, "annotations", "[");
    out_->append(annotations_).append("]");
  }
  // The SDKs' names, and those that their own types promise.
  void append_usage(std::string_view key, bool both_names) {
    const std::int64_t total = usage_.input + usage_.output;
    append_json(*out_, key, "{");
    append_number(*out_, "promptTokens", usage_.input);
    append_number(*out_, "completionTokens", usage_.output);
    append_number(*out_, "totalTokens", total);
    if (both_names) {
      append_number(*out_, "prompt_tokens", usage_.input);
      append_number(*out_, "completion_tokens", usage_.output);
      append_number(*out_, "total_tokens", total);
    }
    *out_ += '}';
  }
  void append_metadata() {
    append_json(*out_, "metadata", "{");
    append_text(*out_, "model", model_);
    append_usage("usage", true);
    *out_ += '}';
  }
  std::string_view finish_word() const noexcept { return finish_.empty() ? std::string_view("stop") : finish_; }

  // --- the ends ---

  void append_document() {
    *out_ += '{';
    append_json(*out_, "success", "true");
    append_text(*out_, "text", text_);
    append_text(*out_, "content", text_);
    append_calls(false);
    append_annotations();
    append_metadata();
    *out_ += '}';
  }

  void append_ending() {
    if (!calls_.empty()) {
      begin_event();
      append_calls(false);
      end_event();
    }
    if (!annotations_.empty()) {
      begin_event();
      append_annotations();
      end_event();
    }
    begin_event();
    append_usage("tokenUsage", false);
    end_event();
    begin_event();
    append_json(*out_, "choices", R"([{"delta":{})");
    append_text(*out_, "finish_reason", finish_word());
    *out_ += "}]";
    end_event();
    *out_ += "data: {\"done\":true}\n\ndata: [DONE]\n\n";
  }

  void append_only_event() {
    begin_event();
    append_head();
    append_json(*out_, "choices", R"([{"delta":{)");
    append_text(*out_, "content", text_);
    append_calls(true);
    *out_ += '}';
    append_text(*out_, "finish_reason", finish_word());
    *out_ += "}]";
    end_event();
  }

  void append_images() {
    *out_ += '{';
    append_text(*out_, "model", model_);
    append_json(*out_, "images", "[");
    for (const std::string& url : images_) {
      json::append_comma(*out_);
      *out_ += '{';
      append_text(*out_, "type", "imageUrl");
      append_text(*out_, "imageUrl", url);
      if (answer_ == InsforgeAnswer::kotlin_images) {
        append_json(*out_, "image_url", "{");
        append_text(*out_, "url", url);
        *out_ += '}';
      }
      *out_ += '}';
    }
    *out_ += ']';
    append_text(*out_, "text", text_);
    append_number(*out_, "count", static_cast<std::int64_t>(images_.size()));
    append_metadata();
    append_text(*out_, "nextActions", {});
    *out_ += '}';
  }

  const InsforgeAnswer answer_;
  std::string* out_ = nullptr;  // of the event that is being written
  std::string id_, model_, text_, finish_;
  std::vector<Call> calls_;
  std::string annotations_;  // elements
  std::vector<std::string> images_;
  Usage usage_;
  std::size_t kept_ = 0;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_insforge_writer(InsforgeAnswer answer) {
  return std::make_unique<InsforgeWriter>(answer);
}

}  // namespace gateway
