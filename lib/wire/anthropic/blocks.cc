#include "wire/anthropic/blocks.h"

#include <algorithm>

#include "wire/anthropic/message_reader.h"
#include "wire/json/dom.h"
#include "wire/json/members.h"

namespace gateway::anthropic {
namespace {

using json::text_of;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kMostOpen = 1024;

std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_empty(const object& json) noexcept { return json.size() == 0; }

// A source on the web in OpenAI's form, with the place of the text that it is cited for; others as they came.
std::string annotation_of(const object& citation, std::size_t begin, std::size_t end) {
  const std::string_view url = text_of(citation, "url");
  if (url.empty()) return simdjson::minify(citation);
  std::string out = "{";
  json::append_text(out, "type", "url_citation");
  json::append_json(out, "url_citation", "{");
  json::append_number(out, "start_index", static_cast<std::int64_t>(begin));
  json::append_number(out, "end_index", static_cast<std::int64_t>(end));
  json::append_text(out, "url", url);
  json::append_text(out, "title", text_of(citation, "title"));
  return out += "}}";
}

}  // namespace

Blocks::Kind Blocks::kind_of(std::string_view type) noexcept {
  if (type == "text") return Kind::text;
  if (type == "thinking") return Kind::thinking;
  if (type == "redacted_thinking") return Kind::redacted;
  return type == "tool_use" ? Kind::call : Kind::other;
}

void Blocks::begin(std::int64_t index, const object& from) {
  end(index);
  if (open_.size() == kMostOpen) return;
  Block& block = open_.emplace_back();
  block.index = index;
  block.kind = kind_of(text_of(from, "type"));
  block.text_begin = text_size_;
  array citations;
  if (from["citations"].get(citations) == simdjson::SUCCESS) {
    for (const element each : citations) block.citations.push_back(simdjson::minify(each));
  }
  switch (block.kind) {
    case Kind::text:
      return text(text_of(from, "text"));
    case Kind::thinking:
      block.data = text_of(from, "signature");
      return thinking(text_of(from, "thinking"));
    case Kind::redacted:
      block.data = text_of(from, "data");
      return weigh({});
    case Kind::call: {
      const std::string_view name = text_of(from, "name");
      weigh(name);
      object input;
      if (from["input"].get(input) == simdjson::SUCCESS && !is_empty(input)) block.data = simdjson::minify(input);
      if (sink_ != nullptr) order_.tool({.index = index, .id = text_of(from, "id"), .name = name}, *sink_);
      return;
    }
    case Kind::other:
      return;
  }
}

void Blocks::grow(std::int64_t index, const object& delta) {
  const auto found = std::find_if(open_.begin(), open_.end(), [&](const Block& each) { return each.index == index; });
  if (found == open_.end()) return;
  const std::string_view type = text_of(delta, "type");
  if (type == "text_delta" && found->kind == Kind::text) return text(text_of(delta, "text"));
  if (type == "thinking_delta" && found->kind == Kind::thinking) return thinking(text_of(delta, "thinking"));
  if (type == "signature_delta") {
    found->data += text_of(delta, "signature");
  } else if (type == "input_json_delta") {
    arguments(*found, text_of(delta, "partial_json"));
  } else if (type == "citations_delta") {
    element citation;
    if (delta["citation"].get(citation) == simdjson::SUCCESS) found->citations.push_back(simdjson::minify(citation));
  } else if (type == "compaction_delta") {
    weigh(text_of(delta, "content"));
  }
}

void Blocks::end(std::int64_t index) {
  const auto found = std::find_if(open_.begin(), open_.end(), [&](const Block& each) { return each.index == index; });
  if (found == open_.end()) return;
  Block block = std::move(*found);
  open_.erase(found);
  if (sink_ == nullptr) return;
  switch (block.kind) {
    case Kind::text:
      return annotate(block);
    case Kind::thinking:
      if (!block.data.empty()) order_.sign_reasoning({.signature = block.data, .origin = kSignatureOrigin}, *sink_);
      return;
    case Kind::redacted:
      if (!block.data.empty()) order_.sign_reasoning({.redacted = block.data, .origin = kSignatureOrigin}, *sink_);
      return;
    case Kind::call:
      if (!block.grew) arguments(block, block.data.empty() ? "{}" : std::string(block.data));
      return;
    case Kind::other:
      return;
  }
}

void Blocks::end_all() {
  while (!open_.empty()) end(open_.front().index);
}

std::size_t Blocks::kept() const noexcept {
  std::size_t bytes = 0;
  for (const Block& each : open_) {
    bytes += each.data.size();
    for (const std::string& citation : each.citations) bytes += citation.size();
  }
  return bytes;
}

void Blocks::text(std::string_view text) {
  if (text.empty()) return;
  weigh(text);
  text_size_ += characters(text);
  if (sink_ != nullptr) order_.text(text, *sink_);
}

void Blocks::thinking(std::string_view text) {
  if (text.empty()) return;
  weight_.reasoning[0] += static_cast<std::int64_t>(text.size());
  ++weight_.pieces;
  if (sink_ != nullptr) order_.reasoning(text, *sink_);
}

// The first piece is mostly empty; if all are, there are no arguments.
void Blocks::arguments(Block& block, std::string_view piece) {
  if (piece.empty()) return;
  block.grew = true;
  weigh(piece);
  if (sink_ != nullptr && block.kind == Kind::call) {
    order_.tool({.index = block.index, .arguments = piece}, *sink_);
  }
}

void Blocks::weigh(std::string_view text) {
  weight_.text += static_cast<std::int64_t>(text.size());
  ++weight_.pieces;
}

void Blocks::annotate(const Block& block) {
  simdjson::dom::parser parser;
  for (const std::string& each : block.citations) {
    object citation;
    if (parser.parse(each).get(citation) != simdjson::SUCCESS) continue;
    order_.annotation(annotation_of(citation, block.text_begin, text_size_), *sink_);
  }
}

}  // namespace gateway::anthropic
