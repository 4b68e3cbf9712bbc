#include "wire/responses/output_items.h"

#include <algorithm>

#include "wire/json/dom.h"
#include "wire/json/members.h"

namespace gateway::responses {
namespace {

using json::array_of;
using json::for_each_object;
using json::integer_of;
using json::object_of;
using json::text_of;
using simdjson::dom::array;
using simdjson::dom::object;

constexpr std::size_t kMostItems = 1024;

std::size_t length_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// A source on the web as chat completions have it: in an object under its type.
std::string nested_annotation(const object& flat, std::size_t text_begin) {
  if (text_of(flat, "type") != "url_citation") return simdjson::minify(flat);
  std::string out = "{";
  json::append_text(out, "type", "url_citation");
  json::append_json(out, "url_citation", "{");
  for (const char* key : {"start_index", "end_index"}) {
    const std::int64_t index = integer_of(flat, key).value_or(0);
    json::append_number(out, key, index + static_cast<std::int64_t>(text_begin));
  }
  json::append_text(out, "url", text_of(flat, "url"));
  json::append_text(out, "title", text_of(flat, "title"));
  return out += "}}";
}

}  // namespace

OutputItems::Kind OutputItems::kind_of(std::string_view type) noexcept {
  if (type == "message") return Kind::message;
  if (type == "reasoning") return Kind::reasoning;
  if (type == "function_call") return Kind::call;
  return type == "custom_tool_call" ? Kind::custom_call : Kind::other;
}

OutputItems::Item* OutputItems::find(std::int64_t place) noexcept {
  const auto found =
      std::find_if(items_.rbegin(), items_.rend(), [place](const Item& each) { return each.place == place; });
  return found == items_.rend() ? nullptr : &*found;
}

void OutputItems::begin(std::int64_t place, const object& from) {
  if (items_.size() == kMostItems) return;
  Item& item = items_.emplace_back();
  item.place = place;
  item.kind = kind_of(text_of(from, "type"));
  item.text_begin = characters_;
  if (item.kind != Kind::call && item.kind != Kind::custom_call) return;
  has_calls_ = true;
  const std::string_view id = text_of(from, "call_id"), name = text_of(from, "name");
  weigh(name);
  if (sink_ == nullptr) return;
  order_.tool({.index = place, .id = id, .name = name, .custom = item.kind == Kind::custom_call}, *sink_);
}

void OutputItems::grow(std::int64_t place, std::string_view type, const object& event) {
  Item* const item = find(place);
  if (item == nullptr || item->ended) return;
  const std::string_view delta = text_of(event, "delta");
  if (type == "output_text.delta") {
    item->grew = true;
    text(delta);
    log_probs(event);
  } else if (type == "refusal.delta") {
    item->grew = true;
    refusal(delta);
  } else if (type == "reasoning_summary_text.delta") {
    reasoning(*item, ReasoningIn::summary, integer_of(event, "summary_index").value_or(0), delta);
  } else if (type == "reasoning_text.delta") {
    reasoning(*item, ReasoningIn::content, 0, delta);
  } else if (type == "function_call_arguments.delta" || type == "custom_tool_call_input.delta") {
    arguments(*item, delta);
  } else if (type == "content_part.added") {
    item->text_begin = characters_;
  } else if (object json; type == "output_text.annotation.added" && object_of(event, "annotation", json)) {
    item->annotated = true;
    annotation(*item, json);
  } else if (object part;
             type == "content_part.done" && item->kind == Kind::message && object_of(event, "part", part)) {
    message_part(*item, part);
    item->grew = true;
  }
}

void OutputItems::end(std::int64_t place, const object& from) {
  if (find(place) == nullptr) begin(place, from);
  Item* const item = find(place);
  if (item == nullptr || item->ended) return;
  item->ended = true;
  array parts;
  switch (item->kind) {
    case Kind::message:
      if (item->grew || !array_of(from, "content", parts)) return;
      return for_each_object(parts, [&](const object& part) {
        item->text_begin = characters_;
        item->grew = false;
        message_part(*item, part);
      });
    case Kind::reasoning: {
      const bool has_summary = array_of(from, "summary", parts) && parts.size() > 0;
      if (!item->grew && (has_summary || array_of(from, "content", parts))) {
        std::int64_t number = 0;
        for_each_object(parts, [&](const object& part) {
          const auto in = has_summary ? ReasoningIn::summary : ReasoningIn::content;
          reasoning(*item, in, number++, text_of(part, "text"));
        });
      }
      const std::string_view encrypted = text_of(from, "encrypted_content");
      if (encrypted.empty()) return;
      ++weight_.pieces;
      if (sink_ != nullptr) order_.sign_reasoning({.redacted = encrypted, .origin = origin_}, *sink_);
      return;
    }
    case Kind::call:
    case Kind::custom_call: {
      const std::string_view whole = text_of(from, item->kind == Kind::call ? "arguments" : "input");
      if (!item->grew) arguments(*item, whole.empty() && item->kind == Kind::call ? "{}" : whole);
      return;
    }
    case Kind::other: {
      // Of those that run at the provider web searches are billed by their number; others by what is not said here.
      const std::string_view type = text_of(from, "type");
      object action;
      if (type == "web_search_call") {
        const bool searched = !object_of(from, "action", action) || text_of(action, "type") == "search";
        searches_ += searched ? 1 : 0;
      } else {
        beside_ |= type == "file_search_call" || type == "code_interpreter_call" || type == "image_generation_call";
      }
      return;
    }
  }
}

// Some number their items otherwise in the end, or leave some out: then the events have said it all.
void OutputItems::catch_up(std::int64_t place, const object& from) {
  const Item* const item = find(place);
  const bool is_missing = item == nullptr && static_cast<std::size_t>(place) >= items_.size();
  const bool is_open = item != nullptr && item->kind == kind_of(text_of(from, "type"));
  if (is_missing || is_open) end(place, from);
}

void OutputItems::text(std::string_view text) {
  if (text.empty()) return;
  weigh(text);
  characters_ += length_of(text);
  if (sink_ != nullptr) order_.text(text, *sink_);
}

void OutputItems::refusal(std::string_view text) {
  if (text.empty()) return;
  weigh(text);
  if (sink_ != nullptr) order_.refusal(text, *sink_);
}

// A summary and what was thought say the same: what comes first is heard. The parts of a summary are paragraphs.
void OutputItems::reasoning(Item& item, ReasoningIn from, std::int64_t part, std::string_view text) {
  if (text.empty()) return;
  if (item.reasoning == ReasoningIn::unknown) item.reasoning = from;
  if (item.reasoning != from) return;
  weight_.reasoning[0] += static_cast<std::int64_t>(text.size());
  ++weight_.pieces;
  if (sink_ != nullptr && item.grew && part != item.part) order_.reasoning("\n\n", *sink_);
  item.grew = true;
  item.part = part;
  if (sink_ != nullptr) order_.reasoning(text, *sink_);
}

void OutputItems::arguments(Item& item, std::string_view piece) {
  if (piece.empty()) return;
  item.grew = true;
  weigh(piece);
  if (sink_ != nullptr) order_.tool({.index = item.place, .arguments = piece}, *sink_);
}

void OutputItems::message_part(Item& item, const object& part) {
  if (!item.grew) {
    text(text_of(part, "text"));
    refusal(text_of(part, "refusal"));
    log_probs(part);
  }
  array list;
  if (item.annotated || !array_of(part, "annotations", list)) return;
  for_each_object(list, [&](const object& each) { annotation(item, each); });
}

void OutputItems::annotation(const Item& item, const object& json) {
  if (sink_ != nullptr) order_.annotation(nested_annotation(json, item.text_begin), *sink_);
}

// As chat completions have them.
void OutputItems::log_probs(const object& from) {
  array list;
  if (sink_ == nullptr || !array_of(from, "logprobs", list) || list.size() == 0) return;
  order_.log_probs("{\"content\":" + std::string(simdjson::minify(list)) + ",\"refusal\":null}", *sink_);
}

void OutputItems::weigh(std::string_view text) {
  weight_.text += static_cast<std::int64_t>(text.size());
  ++weight_.pieces;
}

}  // namespace gateway::responses
