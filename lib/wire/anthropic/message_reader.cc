#include "wire/anthropic/message_reader.h"

#include <simdjson.h>

#include "wire/anthropic/blocks.h"
#include "wire/anthropic/usage_reader.h"
#include "wire/json/dom.h"

namespace gateway::anthropic {
namespace {

using chat::FinishReason;
using json::text_of;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

FinishReason reason_of(std::string_view word) noexcept {
  static constexpr std::pair<std::string_view, FinishReason> kWords[] = {
      {"end_turn", FinishReason::stop},     {"stop_sequence", FinishReason::stop},
      {"max_tokens", FinishReason::length}, {"model_context_window_exceeded", FinishReason::length},
      {"tool_use", FinishReason::tools},    {"pause_turn", FinishReason::pause},
      {"refusal", FinishReason::refusal},
  };
  for (const auto& [text, reason] : kWords) {
    if (text == word) return reason;
  }
  return FinishReason::other;
}

}  // namespace

struct MessageReader::State {
  State() : blocks(order, facts.weight) {}
  void hear(ChatEventSink* to) noexcept {
    sink = to;
    blocks.hear(to);
  }

  ChatEventSink* sink = nullptr;
  json::Dom dom;
  MessageFacts facts;
  EventOrder order;
  Blocks blocks;
  bool begun = false;
  std::string stop_sequence, explanation;

  Piece event(const object& root) {
    const std::string_view type = text_of(root, "type");
    object part;
    std::int64_t index = 0;
    if (root["index"].get(index) != simdjson::SUCCESS) index = 0;
    if (type == "content_block_delta") {
      if (root["delta"].get(part) == simdjson::SUCCESS) blocks.grow(index, part);
      return Piece::part;
    }
    if (type == "content_block_start") {
      if (root["content_block"].get(part) == simdjson::SUCCESS) blocks.begin(index, part);
      return Piece::part;
    }
    if (type == "content_block_stop") return blocks.end(index), Piece::part;
    if (type == "message_start") {
      if (root["message"].get(part) == simdjson::SUCCESS) begin(part);
      return Piece::begin;
    }
    if (type == "message_delta") return change(root), Piece::part;
    if (type == "message_stop") return Piece::stop;
    if (type == "ping") return Piece::ping;
    return type == "error" ? Piece::error : Piece::unknown;
  }

  // Some gateways send it twice: the first counts.
  void begin(const object& message) {
    if (begun) return;
    begun = true;
    facts.id = text_of(message, "id");
    facts.model = text_of(message, "model");
    note_usage(message);
    note_stop(message);
    order.select(0);
    order.begin(facts.id, facts.model, 0);
  }

  void change(const object& root) {
    object delta;
    if (root["delta"].get(delta) == simdjson::SUCCESS) note_stop(delta);
    facts.usage_is_final |= note_usage(root);
  }

  void note_stop(const object& from) {
    const std::string_view reason = text_of(from, "stop_reason");
    if (reason.empty()) return;
    facts.stop_reason = reason;
    stop_sequence = text_of(from, "stop_sequence");
    object details;
    explanation.clear();
    if (from["stop_details"].get(details) == simdjson::SUCCESS) explanation = text_of(details, "explanation");
  }

  // Whether it counts the output.
  bool note_usage(const object& from) {
    object usage;
    if (from["usage"].get(usage) != simdjson::SUCCESS) return false;
    merge_usage(usage, facts.usage);
    element output;
    return usage["output_tokens"].get(output) == simdjson::SUCCESS && !output.is_null();
  }

  Piece document(const object& root) {
    const std::string_view type = text_of(root, "type");
    if (type == "error") return Piece::error;
    array content;
    if (type != "message" || root["content"].get(content) != simdjson::SUCCESS) {
      object error;
      return root["error"].get(error) == simdjson::SUCCESS ? Piece::error : Piece::unknown;
    }
    begin(root);
    facts.usage_is_final = facts.usage.output.has_value();
    std::int64_t index = 0;
    for (const element each : content) {
      object block;
      if (each.get(block) != simdjson::SUCCESS) continue;
      blocks.begin(index, block);
      blocks.end(index++);
    }
    return Piece::stop;
  }

  // Only now: what it stopped for, and what it used, may still change until then.
  void finish() {
    order.select(0);
    blocks.end_all();
    const FinishReason reason = reason_of(facts.stop_reason);
    if (reason == FinishReason::refusal) order.refusal(explanation, *sink);
    const std::string& detail = stop_sequence.empty() ? explanation : stop_sequence;
    if (!facts.stop_reason.empty()) order.finish(reason, facts.stop_reason, detail, *sink);
    if (facts.usage.any()) order.usage({facts.usage.total(), {}}, *sink);
    order.end(*sink);
  }
};

MessageReader::MessageReader() : state_(std::make_unique<State>()) {}
MessageReader::~MessageReader() = default;
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader& MessageReader::operator=(MessageReader&&) noexcept = default;

MessageReader::Piece MessageReader::read_event(std::string_view json, ChatEventSink* sink) {
  State& state = *state_;
  state.hear(sink);
  element root;
  object event;
  const bool whole = state.dom.read_copy(json, root) && root.get(event) == simdjson::SUCCESS;
  return whole ? state.event(event) : Piece::broken;
}

MessageReader::Piece MessageReader::read_document(const PaddedBuffer& json, ChatEventSink* sink) {
  state_->hear(sink);
  element root;
  object message;
  const bool whole = state_->dom.read(json, root) && root.get(message) == simdjson::SUCCESS;
  return whole ? state_->document(message) : Piece::broken;
}

void MessageReader::read_outline(std::string_view json) {
  state_->hear(nullptr);
  element root;
  object message;
  if (state_->dom.read_copy(json, root) && root.get(message) == simdjson::SUCCESS) state_->begin(message);
}

void MessageReader::open(ChatEventSink& sink) { state_->order.open(sink); }

void MessageReader::finish(ChatEventSink& sink) {
  state_->hear(&sink);
  state_->finish();
}

const MessageFacts& MessageReader::facts() const noexcept { return state_->facts; }

std::size_t MessageReader::kept() const noexcept { return state_->blocks.kept(); }

}  // namespace gateway::anthropic
