#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surfaces/call_id.h"
#include "surfaces/openai_pieces.h"
#include "surfaces/responses.h"
#include "surfaces/responses_items.h"
#include "surfaces/responses_namespaces.h"
#include "surfaces/responses_output.h"
#include "wire/json/members.h"

namespace gateway {
namespace {

using chat::FinishReason;
using json::append_json;
using json::append_number;
using json::append_text;

// Items have numbers in the order in which they begin, and so have the parts of a message. All of them are kept until
// the end, which repeats them.
class ResponseWriter final : public AnswerWriter {
 public:
  ResponseWriter(bool stream, std::string repeated)
      : stream_(stream), repeated_(std::move(repeated)), namespaces_(repeated_) {}

  void write(const ChatEvent& event, std::string& out) override {
    out_ = &out;
    std::visit([this](const auto& each) { on(each); }, event);
  }
  // Twice: the last event says all of it again.
  std::size_t kept() const noexcept override { return 2 * (kept_ + logprobs_.size()) + repeated_.size(); }

 private:
  using Item = responses::Item;
  using Part = responses::Part;
  using Kind = responses::Item::Kind;

  void on(const chat::Begin& begin) {
    id_ = begin.id;
    model_ = begin.model;
    created_ = begin.created;
    if (!stream_) return;
    for (const char* type : {"response.created", "response.in_progress"}) {
      frame(type);
      append_response("in_progress");
      end_frame();
    }
  }
  void on(const chat::TextDelta& delta) {
    if (delta.choice == 0) grow_part(false, delta.text);
  }
  void on(const chat::RefusalDelta& delta) {
    if (delta.choice == 0) grow_part(true, delta.text);
  }
  void on(const chat::ReasoningDelta& delta) {
    if (delta.choice != 0 || delta.text.empty()) return;
    const std::size_t place = of(Kind::reasoning);
    Item& item = items_[place];
    if (item.text.empty() && stream_) {
      frame("response.reasoning_summary_part.added", place);
      append_number(*out_, "summary_index", 0);
      append_json(*out_, "part", R"({"type":"summary_text","text":""})");
      end_frame();
    }
    keep(item.text, delta.text);
    if (stream_) {
      frame("response.reasoning_summary_text.delta", place);
      append_number(*out_, "summary_index", 0);
      append_text(*out_, "delta", delta.text);
      end_frame();
    }
  }
  void on(const chat::ReasoningEnd& end) {
    if (end.choice != 0) return;
    const bool is_sealed = !end.signature.empty() || !end.redacted.empty();
    const bool has_open = !items_.empty() && items_.back().open && items_.back().kind == Kind::reasoning;
    if (!has_open && !is_sealed) return;
    const std::size_t place = of(Kind::reasoning);
    if (is_sealed) keep(items_[place].sealed, responses::sealed(end.origin, end.signature, end.redacted));
    close(place);
  }
  void on(const chat::ToolBegin& tool) {
    if (tool.choice != 0) return;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (items_[i].kind != Kind::call) close(i);
    }
    close_ended();
    Item item;
    item.kind = Kind::call;
    item.call_id = call_id("call_", tool.id, id_, 0, tool.index);
    const auto* spaced = namespaces_.find(tool.name);
    item.name = spaced != nullptr ? std::string_view(spaced->name) : tool.name;
    if (spaced != nullptr) item.space = spaced->space;
    item.call = tool.index;
    item.custom = tool.custom;
    begin(std::move(item));
  }
  void on(const chat::ToolArguments& arguments) {
    if (arguments.choice != 0 || arguments.piece.empty()) return;
    const auto place = of_call(arguments.index);
    if (!place || !items_[*place].open) return;
    keep(items_[*place].text, arguments.piece);
    if (!stream_) return;
    frame(items_[*place].custom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
          *place);
    append_text(*out_, "delta", arguments.piece);
    end_frame();
  }
  void on(const chat::ToolEnd& end) {
    const auto place = end.choice == 0 ? of_call(end.index) : std::nullopt;
    if (!place) return;
    items_[*place].signature = end.signature;
    // Whether the last one is complete, the answer's end says.
    if (*place + 1 < items_.size()) return close(*place);
    has_ended_ = true;
  }
  void on(const chat::Annotation& annotation) {
    if (annotation.choice != 0) return;
    const std::size_t place = of(Kind::message);
    Part& part = part_of(place, false);
    const std::string flat = responses::flattened(annotation.json);
    if (!part.annotations.empty()) keep(part.annotations, ",");
    keep(part.annotations, flat);
    const int number = part.annotation_count++;
    if (!stream_) return;
    frame_part("response.output_text.annotation.added", place);
    append_number(*out_, "annotation_index", number);
    append_json(*out_, "annotation", flat);
    end_frame();
  }
  void on(const chat::LogProbs& probabilities) {
    if (probabilities.choice == 0) logprobs_.add(probabilities.json);
  }
  void on(const chat::Finish& finish) {
    if (finish.choice != 0) return;
    finish_ = finish.reason;
    if (!items_.empty()) items_.back().cut = !incomplete_reason().empty();
    close_ended();
  }
  void on(const chat::UsageReport& report) { usage_ = report.usage; }
  void on(const chat::End&) {
    for (std::size_t i = 0; i < items_.size(); ++i) close(i);
    const std::string_view status = incomplete_reason().empty() ? "completed" : "incomplete";
    if (!stream_) return append_object(status);
    frame(status == "completed" ? "response.completed" : "response.incomplete");
    append_response(status);
    end_frame();
  }
  void on(const chat::Ping&) {}
  // What has no place in a response; the error is written by the surface.
  void on(const chat::Media&) {}
  void on(const chat::Error&) {}

  // --- items ---

  void keep(std::string& to, std::string_view text) {
    to += text;
    kept_ += text.size();
  }

  std::optional<std::size_t> of_call(int index) const noexcept {
    for (std::size_t i = items_.size(); i-- > 0;) {
      if (items_[i].call == index) return i;
    }
    return std::nullopt;
  }

  // The one of that kind that is open, or a new one.
  std::size_t of(Kind kind) {
    if (!items_.empty() && items_.back().open && items_.back().kind == kind) return items_.size() - 1;
    for (std::size_t i = 0; i < items_.size(); ++i) close(i);
    has_ended_ = false;
    Item item;
    item.kind = kind;
    return begin(std::move(item));
  }

  std::size_t begin(Item item) {
    const std::size_t place = items_.size();
    const char* prefix = item.kind == Kind::reasoning ? "rs_" : item.kind == Kind::message ? "msg_" : "fc_";
    item.id = prefix + bare_id() + "_" + std::to_string(place);
    items_.push_back(std::move(item));
    if (!stream_) return place;
    frame("response.output_item.added");
    append_number(*out_, "output_index", static_cast<std::int64_t>(place));
    append_json(*out_, "item", "");
    responses::append_item(*out_, items_[place], logprobs_.content());
    end_frame();
    return place;
  }

  // The last part of a message, if it is of that kind, or a new one.
  Part& part_of(std::size_t place, bool refusal) {
    Item& item = items_[place];
    if (!item.parts.empty() && item.parts.back().refusal == refusal) return item.parts.back();
    if (!item.parts.empty()) close_part(place);
    item.parts.emplace_back().refusal = refusal;
    if (stream_) {
      frame_part("response.content_part.added", place);
      append_json(*out_, "part", "");
      responses::append_part(*out_, item.parts.back(), {});
      end_frame();
    }
    return item.parts.back();
  }

  void grow_part(bool refusal, std::string_view text) {
    if (text.empty()) return;
    const std::size_t place = of(Kind::message);
    keep(part_of(place, refusal).text, text);
    if (!stream_) return;
    frame_part(refusal ? "response.refusal.delta" : "response.output_text.delta", place);
    append_text(*out_, "delta", text);
    if (!refusal) append_json(*out_, "logprobs", "[]");
    end_frame();
  }

  void close_part(std::size_t place) {
    if (!stream_) return;
    const Part& part = items_[place].parts.back();
    frame_part(part.refusal ? "response.refusal.done" : "response.output_text.done", place);
    append_text(*out_, part.refusal ? "refusal" : "text", part.text);
    if (!part.refusal) append_json(*out_, "logprobs", "[" + logprobs_.content() + "]");
    end_frame();
    frame_part("response.content_part.done", place);
    append_json(*out_, "part", "");
    responses::append_part(*out_, part, logprobs_.content());
    end_frame();
  }

  void close(std::size_t place) {
    Item& item = items_[place];
    if (!item.open) return;
    if (item.kind == Kind::message && !item.parts.empty()) close_part(place);
    if (item.kind == Kind::reasoning && !item.text.empty() && stream_) close_summary(place);
    if (item.kind == Kind::call) {
      if (item.text.empty() && !item.custom) item.text = "{}";
      if (stream_) close_call(place);
    }
    item.open = false;
    if (!stream_) return;
    frame("response.output_item.done");
    append_number(*out_, "output_index", static_cast<std::int64_t>(place));
    append_json(*out_, "item", "");
    responses::append_item(*out_, item, logprobs_.content());
    end_frame();
  }

  // The last item, if it is a call that has ended.
  void close_ended() {
    if (std::exchange(has_ended_, false)) close(items_.size() - 1);
  }

  void close_summary(std::size_t place) {
    frame("response.reasoning_summary_text.done", place);
    append_number(*out_, "summary_index", 0);
    append_text(*out_, "text", items_[place].text);
    end_frame();
    frame("response.reasoning_summary_part.done", place);
    append_number(*out_, "summary_index", 0);
    append_json(*out_, "part", "");
    responses::append_summary(*out_, items_[place].text);
    end_frame();
  }

  void close_call(std::size_t place) {
    const Item& item = items_[place];
    frame(item.custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done", place);
    append_text(*out_, "name", item.name);
    append_text(*out_, item.custom ? "input" : "arguments", item.text);
    end_frame();
  }

  // --- the response ---

  std::string bare_id() const { return id_.starts_with("resp_") ? id_.substr(5) : id_; }

  void frame(std::string_view type) {
    out_->append("event: ").append(type).append("\ndata: {");
    append_text(*out_, "type", type);
    append_number(*out_, "sequence_number", sequence_++);
  }
  void frame(std::string_view type, std::size_t place) {
    frame(type);
    append_text(*out_, "item_id", items_[place].id);
    append_number(*out_, "output_index", static_cast<std::int64_t>(place));
  }
  void frame_part(std::string_view type, std::size_t place) {
    frame(type, place);
    append_number(*out_, "content_index", static_cast<std::int64_t>(items_[place].parts.size()) - 1);
  }
  void end_frame() { *out_ += "}\n\n"; }

  void append_response(std::string_view status) {
    append_json(*out_, "response", "");
    append_object(status);
  }

  std::string_view incomplete_reason() const noexcept {
    switch (finish_) {
      case FinishReason::length:
        return "max_output_tokens";
      case FinishReason::filter:
        return "content_filter";
      case FinishReason::refusal:
        return has_refusal() ? "" : "content_filter";
      default:
        return {};
    }
  }
  bool has_refusal() const noexcept {
    for (const Item& item : items_) {
      for (const Part& part : item.parts) {
        if (part.refusal) return true;
      }
    }
    return false;
  }

  void append_object(std::string_view status) {
    *out_ += '{';
    append_text(*out_, "id", "resp_" + bare_id());
    append_text(*out_, "object", "response");
    append_number(*out_, "created_at", created_);
    append_text(*out_, "status", status);
    append_json(*out_, "error", "null");
    if (status == "incomplete") {
      append_json(*out_, "incomplete_details", "{");
      append_text(*out_, "reason", incomplete_reason());
      *out_ += '}';
    } else {
      append_json(*out_, "incomplete_details", "null");
    }
    append_text(*out_, "model", model_);
    append_json(*out_, "output", "[");
    if (status != "in_progress") {
      for (const Item& item : items_) {
        json::append_comma(*out_);
        responses::append_item(*out_, item, logprobs_.content());
      }
    }
    *out_ += ']';
    append_json(*out_, "store", "false");
    *out_ += repeated_;
    if (status == "in_progress") {
      append_json(*out_, "usage", "null");
    } else {
      append_usage();
    }
    *out_ += '}';
  }

  void append_usage() {
    append_json(*out_, "usage", "{");
    append_number(*out_, "input_tokens", usage_.input);
    append_json(*out_, "input_tokens_details", "{");
    append_number(*out_, "cached_tokens", usage_.cached_input);
    if (usage_.cache_write > 0) append_number(*out_, "cache_write_tokens", usage_.cache_write);
    *out_ += '}';
    append_number(*out_, "output_tokens", usage_.output);
    append_json(*out_, "output_tokens_details", "{");
    append_number(*out_, "reasoning_tokens", usage_.reasoning);
    *out_ += '}';
    append_number(*out_, "total_tokens", usage_.input + usage_.output);
    *out_ += '}';
  }

  const bool stream_;
  const std::string repeated_;
  const responses::Namespaces namespaces_;
  std::string* out_ = nullptr;  // of the event that is being written
  std::string id_, model_;
  std::int64_t created_ = 0;
  std::int64_t sequence_ = 0;
  std::vector<Item> items_;
  LogProbPieces logprobs_;
  std::size_t kept_ = 0;
  bool has_ended_ = false;  // the last item, a call
  FinishReason finish_ = FinishReason::stop;
  Usage usage_;
};

}  // namespace

std::unique_ptr<AnswerWriter> make_responses_writer(bool stream, std::string repeated) {
  return std::make_unique<ResponseWriter>(stream, std::move(repeated));
}

}  // namespace gateway
