#include "wire/gemini/response_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <map>

#include "wire/gemini/candidate.h"
#include "wire/gemini/usage_reader.h"
#include "wire/json/dom.h"

namespace gateway::gemini {
namespace {

using json::text_of;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

}  // namespace

struct ResponseReader::State {
  json::Dom dom;
  AnswerFacts facts;
  EventOrder order;
  std::map<int, Candidate> candidates;
  std::string block_reason;

  Hearing hearing(ChatEventSink* sink) {
    return {.order = order, .weight = facts.weight, .sink = sink, .answer = facts.id};
  }

  Piece chunk(const object& root, ChatEventSink* sink) {
    object inner;
    if (root["error"].get(inner) == simdjson::SUCCESS) return Piece::error;
    array list;
    const bool has_candidates = root["candidates"].get(list) == simdjson::SUCCESS;
    const bool has_feedback = root["promptFeedback"].get(inner) == simdjson::SUCCESS;
    if (has_feedback) block_reason = text_of(inner, "blockReason");
    const bool has_usage = root["usageMetadata"].get(inner) == simdjson::SUCCESS;
    const bool names_model = !text_of(root, "modelVersion").empty();
    if (has_usage) read_usage(inner, facts.usage);  // also of an event that has nothing else
    if (!has_candidates && !has_feedback && !(has_usage && names_model)) return Piece::unknown;
    if (facts.id.empty()) facts.id = text_of(root, "responseId");
    if (names_model) facts.model = text_of(root, "modelVersion");
    order.select(0);
    order.begin(facts.id, facts.model, 0);
    if (has_candidates) {
      for (const element each : list) {
        if (object one; each.get(one) == simdjson::SUCCESS) take(one, sink);
      }
    }
    note_finish();
    return Piece::part;
  }

  void take(const object& json, ChatEventSink* sink) {
    std::int64_t index = 0;
    if (json["index"].get(index) != simdjson::SUCCESS) index = 0;
    if (index < 0 || index >= EventOrder::kMaxChoices) return;
    Hearing heard = hearing(sink);
    order.select(static_cast<int>(index));
    candidates[static_cast<int>(index)].take(json, heard);
  }

  void note_finish() {
    bool all = !candidates.empty();
    for (const auto& [number, candidate] : candidates) {
      all &= !candidate.reason().empty();
      if (!candidate.reason().empty()) facts.finish_reason = candidate.reason();
    }
    if (candidates.empty() && !block_reason.empty()) facts.finish_reason = block_reason;
    facts.finished = all || (candidates.empty() && !block_reason.empty());
  }

  Piece document(const element& root, ChatEventSink* sink) {
    object answer;
    if (root.get(answer) == simdjson::SUCCESS) return chunk(answer, sink);
    array list;
    if (root.get(list) != simdjson::SUCCESS) return Piece::broken;
    Piece all = Piece::unknown;
    for (const element each : list) {
      if (each.get(answer) != simdjson::SUCCESS) return Piece::broken;
      const Piece piece = chunk(answer, sink);
      if (piece == Piece::error) return piece;
      if (piece == Piece::part) all = piece;
    }
    return all;
  }

  void finish(ChatEventSink& sink) {
    order.select(0);
    Hearing heard = hearing(&sink);
    for (auto& [number, candidate] : candidates) {
      order.select(number);
      candidate.finish(heard);
    }
    order.select(0);
    if (candidates.empty() && !block_reason.empty()) {
      order.finish(chat::FinishReason::filter, block_reason, {}, sink);
    }
    if (facts.usage.given) order.usage({facts.usage.total(), {}}, sink);
    order.end(sink);
  }
};

ResponseReader::ResponseReader() : state_(std::make_unique<State>()) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

ResponseReader::Piece ResponseReader::read_chunk(std::string_view json, ChatEventSink* sink) {
  State& state = *state_;
  element root;
  object chunk;
  const bool whole = state.dom.read_copy(json, root) && root.get(chunk) == simdjson::SUCCESS;
  return whole ? state.chunk(chunk, sink) : Piece::broken;
}

ResponseReader::Piece ResponseReader::read_document(const PaddedBuffer& json, ChatEventSink* sink) {
  element root;
  return state_->dom.read(json, root) ? state_->document(root, sink) : Piece::broken;
}

void ResponseReader::open(ChatEventSink& sink) { state_->order.open(sink); }

void ResponseReader::finish(ChatEventSink& sink) { state_->finish(sink); }

const AnswerFacts& ResponseReader::facts() const noexcept { return state_->facts; }

std::size_t ResponseReader::kept() const noexcept {
  std::size_t bytes = 0;
  for (const auto& [number, candidate] : state_->candidates) bytes += candidate.kept();
  return bytes;
}

}  // namespace gateway::gemini
