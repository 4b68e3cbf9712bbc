#include "wire/openai/event_reader.h"

#include <simdjson.h>

#include <map>
#include <string>

#include "wire/json/dom.h"
#include "wire/openai/answer_reader.h"
#include "wire/openai/event_order.h"

namespace gateway {
namespace {

using chat::FinishReason;
using json::array_of;
using json::for_each_object;
using json::integer_of;
using json::object_of;
using json::text_of;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

FinishReason reason_of(std::string_view word) noexcept {
  static constexpr std::pair<std::string_view, FinishReason> kWords[] = {
      {"stop", FinishReason::stop},           {"eos", FinishReason::stop},  // Together
      {"end_turn", FinishReason::stop},       {"stop_sequence", FinishReason::stop},
      {"length", FinishReason::length},       {"max_tokens", FinishReason::length},
      {"model_length", FinishReason::length},  // Mistral
      {"tool_calls", FinishReason::tools},    {"function_call", FinishReason::tools},
      {"tool_use", FinishReason::tools},      {"content_filter", FinishReason::filter},
      {"refusal", FinishReason::refusal},     {"pause_turn", FinishReason::pause},
  };
  for (const auto& [text, reason] : kWords) {
    if (text == word) return reason;
  }
  return FinishReason::other;
}

// Where an answer's reasoning is read from: providers that have several of these fields say the same in each.
enum class ReasoningField : std::uint8_t { unknown, details, reasoning_content, reasoning };

std::string_view text_of_detail(const object& detail) noexcept {
  for (const std::string_view key : {"text", "summary", "thinking"}) {
    if (const auto text = text_of(detail, key); !text.empty()) return text;
  }
  return {};
}

// `reasoning_details` is OpenRouter's, `thinking_blocks` LiteLLM's.
bool details_of(const object& delta, array& details) noexcept {
  return array_of(delta, "reasoning_details", details) || array_of(delta, "thinking_blocks", details);
}

ReasoningField reasoning_field(const object& delta) {
  array details;
  bool has_text = false;
  if (details_of(delta, details)) {
    for_each_object(details, [&](const object& detail) { has_text |= !text_of_detail(detail).empty(); });
  }
  if (has_text) return ReasoningField::details;
  if (!text_of(delta, "reasoning_content").empty()) return ReasoningField::reasoning_content;
  if (!text_of(delta, "reasoning").empty()) return ReasoningField::reasoning;
  return ReasoningField::unknown;
}

// The parts of one message or delta, in the order in which events of them may come.
class DeltaReading {
 public:
  DeltaReading(EventOrder& order, ReasoningField& field, bool complete, ChatEventSink& sink)
      : order_(order), field_(field), complete_(complete), sink_(sink) {}

  void read(const object& delta) {
    reasoning(delta);
    content(delta);
    order_.refusal(text_of(delta, "refusal"), sink_);
    array list;
    if (array_of(delta, "annotations", list)) {
      for (const element each : list) order_.annotation(simdjson::minify(each), sink_);
    }
    if (object audio; object_of(delta, "audio", audio)) order_.media(simdjson::minify(audio), true, sink_);
    if (array_of(delta, "images", list)) {
      for (const element each : list) order_.media(simdjson::minify(each), false, sink_);
    }
    if (array_of(delta, "tool_calls", list)) {
      std::int64_t place = 0;
      for_each_object(list, [&](const object& call) { tool_call(call, place++); });
    }
    if (object call; object_of(delta, "function_call", call)) function({.index = -1}, call, "arguments");
  }

 private:
  void reasoning(const object& delta) {
    if (field_ == ReasoningField::unknown) field_ = reasoning_field(delta);
    if (field_ == ReasoningField::reasoning_content) order_.reasoning(text_of(delta, "reasoning_content"), sink_);
    if (field_ == ReasoningField::reasoning) order_.reasoning(text_of(delta, "reasoning"), sink_);
    array details;
    if (!details_of(delta, details)) return;
    for_each_object(details, [&](const object& detail) {
      if (field_ == ReasoningField::details) order_.reasoning(text_of_detail(detail), sink_);
      const std::string_view signature = text_of(detail, "signature"), redacted = text_of(detail, "data");
      if (signature.empty() && redacted.empty()) return;
      order_.sign_reasoning({.signature = signature, .redacted = redacted, .origin = text_of(detail, "format")}, sink_);
    });
  }

  void content(const object& delta) {
    order_.text(text_of(delta, "content"), sink_);
    array parts;
    if (!array_of(delta, "content", parts)) return;
    for_each_object(parts, [&](const object& part) {
      order_.text(text_of(part, "text"), sink_);
      array thinking;  // Mistral's
      if (!array_of(part, "thinking", thinking)) return;
      for_each_object(thinking, [&](const object& each) { order_.reasoning(text_of(each, "text"), sink_); });
    });
  }

  void tool_call(const object& call, std::int64_t place) {
    ToolPiece piece{.index = integer_of(call, "index"), .id = text_of(call, "id")};
    if (complete_) piece.index = place;
    object extra, google, part;
    if (object_of(call, "extra_content", extra) && object_of(extra, "google", google)) {
      piece.signature = text_of(google, "thought_signature");
    }
    if (object_of(call, "custom", part)) {
      piece.custom = true;
      function(piece, part, "input");
    } else if (object_of(call, "function", part)) {
      function(piece, part, "arguments");
    } else {
      order_.tool(piece, sink_);
    }
  }

  void function(ToolPiece piece, const object& part, std::string_view key) {
    piece.name = text_of(part, "name");
    piece.arguments = text_of(part, key);
    std::string json;
    if (object arguments; object_of(part, key, arguments)) piece.arguments = json = simdjson::minify(arguments);
    order_.tool(piece, sink_);
  }

  EventOrder& order_;
  ReasoningField& field_;
  const bool complete_;  // it is a message, not a delta
  ChatEventSink& sink_;
};

}  // namespace

struct ChatEventReader::State {
  json::Dom dom;
  AnswerReader answers;
  AnswerFacts facts;
  Usage usage;  // so far
  EventOrder order;
  std::map<int, ReasoningField> fields;  // by choice

  // `json`: what `parsed` was read from.
  void read(std::string_view json, const element& parsed, bool complete, ChatEventSink& sink) {
    object root;
    if (parsed.get(root) != simdjson::SUCCESS) return;
    array choices;
    const bool has_choices = array_of(root, "choices", choices) && choices.size() > 0;
    const bool has_usage = complete || scan_chunk(json).may_have_usage;
    const std::string_view id = text_of(root, "id");
    // Azure's first chunk only judges the prompt: it has neither choices nor an id.
    if (complete || has_choices || has_usage || !id.empty()) {
      order.begin(id, text_of(root, "model"), integer_of(root, "created").value_or(0));
    }
    if (has_choices) {
      std::int64_t place = 0;
      for (const element each : choices) {
        object choice;
        if (each.get(choice) == simdjson::SUCCESS) read_choice(choice, place, complete, sink);
        ++place;
      }
    }
    if (has_usage) report_usage(json, sink);
  }

  void read_choice(const object& choice, std::int64_t place, bool complete, ChatEventSink& sink) {
    const std::int64_t index = integer_of(choice, "index").value_or(place);
    if (index < 0 || index >= EventOrder::kMaxChoices) return;
    const int number = static_cast<int>(index);
    order.select(number);
    object delta;
    // Perplexity's chunks have both: the message is all that came so far.
    const bool found = complete ? object_of(choice, "message", delta) || object_of(choice, "delta", delta)
                                : object_of(choice, "delta", delta) || object_of(choice, "message", delta);
    if (found) DeltaReading(order, fields[number], complete, sink).read(delta);
    if (object probabilities; object_of(choice, "logprobs", probabilities)) {
      order.log_probs(simdjson::minify(probabilities), sink);
    }
    const std::string_view word = text_of(choice, "finish_reason");
    if (!word.empty()) order.finish(reason_of(word), word, text_of(choice, "stop_reason"), sink);
  }

  void report_usage(std::string_view json, ChatEventSink& sink) {
    answers.read(json, facts);
    if (facts.has_usage) usage = facts.usage;
    if (facts.has_usage || facts.cost) order.usage({usage, facts.cost}, sink);
  }
};

ChatEventReader::ChatEventReader() : state_(std::make_unique<State>()) {}
ChatEventReader::~ChatEventReader() = default;

void ChatEventReader::read_chunk(std::string_view json, ChatEventSink& sink) {
  element root;
  if (state_->dom.read_copy(json, root)) state_->read(json, root, false, sink);
}

void ChatEventReader::read_document(const PaddedBuffer& json, ChatEventSink& sink) {
  element root;
  if (state_->dom.read(json, root)) state_->read(json.view(), root, true, sink);
}

void ChatEventReader::open(ChatEventSink& sink) { state_->order.open(sink); }

void ChatEventReader::finish(ChatEventSink& sink) { state_->order.end(sink); }

}  // namespace gateway
