#include "wire/responses/response_reader.h"

#include <simdjson.h>

#include "wire/json/dom.h"
#include "wire/json/members.h"
#include "wire/responses/output_items.h"

namespace gateway::responses {
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

constexpr std::string_view kPrefix = "response.";
constexpr std::string_view kCompleted = "completed";

}  // namespace

struct ResponseReader::State {
  explicit State(std::string_view origin) : items(order, facts.weight, origin) {}
  void hear(ChatEventSink* to) noexcept {
    sink = to;
    items.hear(to);
    order.select(0);
  }

  ChatEventSink* sink = nullptr;
  json::Dom dom;
  AnswerReader answers;
  ResponseFacts facts;
  EventOrder order;
  OutputItems items;

  Piece event(const object& root) {
    std::string_view type = text_of(root, "type");
    if (type == "error") return Piece::error;
    if (!type.starts_with(kPrefix)) return Piece::unknown;
    type.remove_prefix(kPrefix.size());
    object part;
    if (type == "created" || type == "in_progress" || type == "queued") {
      if (object_of(root, "response", part)) begin(part);
      return Piece::begin;
    }
    if (type == "completed" || type == "incomplete" || type == "failed" || type == "cancelled") {
      return object_of(root, "response", part) ? end(part) : Piece::unknown;
    }
    const std::int64_t place = integer_of(root, "output_index").value_or(0);
    if (type == "output_item.added" || type == "output_item.done") {
      if (!object_of(root, "item", part)) return Piece::unknown;
      type == "output_item.added" ? items.begin(place, part) : items.end(place, part);
      return Piece::part;
    }
    items.grow(place, type, root);
    return Piece::part;
  }

  void begin(const object& response) {
    note(response);
    order.begin(facts.id, facts.model, integer_of(response, "created_at").value_or(0));
  }

  void note(const object& response) {
    if (const auto id = text_of(response, "id"); !id.empty()) facts.id = id;
    if (const auto model = text_of(response, "model"); !model.empty()) facts.model = model;
  }

  // Of what a response says of itself only its figures are read as others' answers are.
  void note_figures(const object& response) {
    element part;
    std::string outline = "{";
    for (const char* key : {"usage", "service_tier"}) {
      if (response[key].get(part) == simdjson::SUCCESS) json::append_json(outline, key, simdjson::minify(part));
    }
    answers.read(std::string_view(outline += '}'), facts.figures);
    facts.has_figures = true;
    facts.searches = items.searches();
    facts.beside = items.beside();
  }

  Piece end(const object& response) {
    begin(response);
    const std::string_view status = text_of(response, "status");
    const bool has_failed = status == "failed" || status == "cancelled";
    if (array output; !has_failed && array_of(response, "output", output)) {
      std::int64_t place = 0;
      for_each_object(output, [&](const object& item) { items.catch_up(place++, item); });
    }
    note_figures(response);
    object part;
    if (has_failed) {
      facts.error = R"({"error":)";
      facts.error += object_of(response, "error", part) ? std::string(simdjson::minify(part))
                                                        : R"({"code":"server_error","message":"The response failed."})";
      facts.error += '}';
      return Piece::error;
    }
    facts.ending = kCompleted;
    if (status == "incomplete") {
      facts.ending = object_of(response, "incomplete_details", part) ? text_of(part, "reason") : std::string_view();
      if (facts.ending.empty()) facts.ending = status;
    }
    return Piece::stop;
  }

  Piece document(const object& root) {
    array output;
    object error;
    if (text_of(root, "object") != "response" || !array_of(root, "output", output)) {
      return object_of(root, "error", error) ? Piece::error : Piece::unknown;
    }
    const std::string_view status = text_of(root, "status");
    if (status == "queued" || status == "in_progress") return Piece::unknown;
    return end(root);
  }

  // Only now: what it stopped for, and what it used, is in its last event.
  void finish() {
    const FinishReason reason = facts.ending == kCompleted            ? has_calls_reason()
                                : facts.ending == "max_output_tokens" ? FinishReason::length
                                : facts.ending == "content_filter"    ? FinishReason::filter
                                                                      : FinishReason::other;
    order.finish(reason, facts.ending, {}, *sink);
    if (facts.figures.has_usage || facts.figures.cost) {
      Usage usage = facts.figures.has_usage ? facts.figures.usage : Usage{};
      usage.searches = facts.searches;
      order.usage({usage, facts.figures.cost}, *sink);
    }
    order.end(*sink);
  }
  FinishReason has_calls_reason() const noexcept {
    return items.has_calls() ? FinishReason::tools : FinishReason::stop;
  }
};

ResponseReader::ResponseReader(std::string_view origin) : state_(std::make_unique<State>(origin)) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

ResponseReader::Piece ResponseReader::read_event(std::string_view json, ChatEventSink* sink) {
  state_->hear(sink);
  element root;
  object event;
  const bool whole = state_->dom.read_copy(json, root) && root.get(event) == simdjson::SUCCESS;
  return whole ? state_->event(event) : Piece::broken;
}

ResponseReader::Piece ResponseReader::read_document(const PaddedBuffer& json, ChatEventSink* sink) {
  state_->hear(sink);
  element root;
  object response;
  const bool whole = state_->dom.read(json, root) && root.get(response) == simdjson::SUCCESS;
  return whole ? state_->document(response) : Piece::broken;
}

void ResponseReader::read_outline(std::string_view json) {
  state_->hear(nullptr);
  element root;
  object response;
  if (!state_->dom.read_copy(json, root) || root.get(response) != simdjson::SUCCESS) return;
  state_->note(response);
  state_->note_figures(response);
}

void ResponseReader::open(ChatEventSink& sink) { state_->order.open(sink); }

void ResponseReader::finish(ChatEventSink& sink) {
  state_->hear(&sink);
  state_->finish();
}

const ResponseFacts& ResponseReader::facts() const noexcept { return state_->facts; }

}  // namespace gateway::responses
