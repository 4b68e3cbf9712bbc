#include "wire/gemini/candidate.h"

#include <algorithm>

#include "base/text_hash.h"
#include "wire/gemini/log_probs.h"
#include "wire/gemini/response_reader.h"
#include "wire/json/dom.h"
#include "wire/json/members.h"

namespace gateway::gemini {
namespace {

using chat::FinishReason;
using json::text_of;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view kFilters[] = {"SAFETY", "RECITATION", "BLOCKLIST",  "PROHIBITED_CONTENT",
                                         "SPII",   "LANGUAGE",   "MODEL_ARMOR"};

bool flag_of(const object& from, std::string_view key) noexcept {
  bool is_true = false;
  return from[key].get(is_true) == simdjson::SUCCESS && is_true;
}

FinishReason reason_of(std::string_view word, bool has_calls) noexcept {
  if (word == "MAX_TOKENS") return FinishReason::length;
  const bool filtered = word.starts_with("IMAGE_") || word == "NO_IMAGE" ||
                        std::find(std::begin(kFilters), std::end(kFilters), word) != std::end(kFilters);
  if (filtered) return FinishReason::filter;
  return has_calls ? FinishReason::tools : FinishReason::stop;
}

// Most calls have no id here. The same call of the same answer has the same one each time that it is read.
std::string made_id(std::string_view answer, std::int64_t place, std::string_view name, std::string_view arguments) {
  const std::string number = std::to_string(place);
  std::string all;
  for (const std::string_view text : {answer, std::string_view(number), name, arguments}) {
    all.append(text).append(1, '\xff');
  }
  return hashed_id("call_", all);
}

void weigh(std::string_view text, Weight& weight) {
  if (text.empty()) return;
  weight.text += static_cast<std::int64_t>(text.size());
  ++weight.pieces;
}

std::size_t characters_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

void Candidate::take(const object& json, Hearing& hearing) {
  object inner;
  array parts;
  if (json["content"].get(inner) == simdjson::SUCCESS && inner["parts"].get(parts) == simdjson::SUCCESS) {
    for (const element each : parts) {
      if (object one; each.get(one) == simdjson::SUCCESS) part(one, hearing);
    }
  }
  if (json["logprobsResult"].get(inner) == simdjson::SUCCESS && hearing.sink != nullptr) {
    hearing.order.log_probs(log_probs_of(inner), *hearing.sink);
  }
  if (json["groundingMetadata"].get(inner) == simdjson::SUCCESS) sources(inner, hearing);
  if (const auto word = text_of(json, "finishReason"); !word.empty()) {
    reason_ = word;
    message_ = text_of(json, "finishMessage");
  }
}

void Candidate::finish(Hearing& hearing) {
  close_call(hearing);
  if (reason_.empty() || hearing.sink == nullptr) return;
  hearing.order.finish(reason_of(reason_, calls_ > 0), reason_, message_, *hearing.sink);
}

void Candidate::part(const object& part, Hearing& hearing) {
  const std::string_view signature = text_of(part, "thoughtSignature");
  object inner;
  if (part["functionCall"].get(inner) == simdjson::SUCCESS) return call(inner, signature, hearing);
  close_call(hearing);
  if (part["inlineData"].get(inner) == simdjson::SUCCESS) return inline_data(inner, hearing);
  if (part["executableCode"].get(inner) == simdjson::SUCCESS) weigh(text_of(inner, "code"), hearing.weight);
  text(text_of(part, "text"), flag_of(part, "thought"), signature, hearing);
}

// A call comes whole, or its name first and then its arguments, until a part that does not say that it goes on.
void Candidate::call(const object& call, std::string_view signature, Hearing& hearing) {
  const std::string_view name = text_of(call, "name");
  const bool goes_on = flag_of(call, "willContinue");
  if (!name.empty()) {
    close_call(hearing);
    object arguments;
    const bool has_some = call["args"].get(arguments) == simdjson::SUCCESS;
    if (!goes_on && (has_some || call["partialArgs"].error() != simdjson::SUCCESS)) {
      const std::string json = has_some ? std::string(simdjson::minify(arguments)) : "{}";
      return whole_call(text_of(call, "id"), name, json, signature, hearing);
    }
    open_ = OpenCall{std::string(name), std::string(signature), {}};
  }
  if (!open_) return;
  array pieces;
  if (call["partialArgs"].get(pieces) == simdjson::SUCCESS) {
    for (const element each : pieces) {
      if (object piece; each.get(piece) == simdjson::SUCCESS) open_->arguments.add(piece);
    }
  }
  if (!goes_on) close_call(hearing);
}

void Candidate::close_call(Hearing& hearing) {
  if (!open_) return;
  const OpenCall call = std::move(*open_);
  open_.reset();
  whole_call({}, call.name, call.arguments.json(), call.signature, hearing);
}

void Candidate::whole_call(std::string_view id, std::string_view name, const std::string& arguments,
                           std::string_view signature, Hearing& hearing) {
  const std::int64_t place = calls_++;
  weigh(name, hearing.weight);
  weigh(arguments, hearing.weight);
  if (hearing.sink == nullptr) return;
  const std::string made = id.empty() ? made_id(hearing.answer, place, name, arguments) : std::string(id);
  hearing.order.tool({.index = place, .id = made, .name = name, .arguments = arguments, .signature = signature},
                     *hearing.sink);
}

void Candidate::text(std::string_view text, bool is_thought, std::string_view signature, Hearing& hearing) {
  if (is_thought && !text.empty()) {
    hearing.weight.reasoning[0] += static_cast<std::int64_t>(text.size());
    ++hearing.weight.pieces;
  } else {
    weigh(text, hearing.weight);
    characters_ += characters_of(text);
  }
  if (hearing.sink == nullptr) return;
  if (is_thought) {
    hearing.order.reasoning(text, *hearing.sink);
  } else {
    hearing.order.text(text, *hearing.sink);
  }
  if (!signature.empty()) {
    hearing.order.sign_reasoning({.signature = signature, .origin = kSignatureOrigin}, *hearing.sink);
  }
}

void Candidate::inline_data(const object& data, Hearing& hearing) {
  const std::string_view type = text_of(data, "mimeType"), bytes = text_of(data, "data");
  hearing.weight.media += static_cast<std::int64_t>(bytes.size());
  ++hearing.weight.pieces;
  if (hearing.sink == nullptr || !type.starts_with("image/")) return;
  std::string url = "data:";
  url.append(type).append(";base64,").append(bytes);
  std::string json = "{";
  json::append_text(json, "type", "image_url");
  json::append_json(json, "image_url", "{");
  json::append_text(json, "url", url);
  hearing.order.media(json += "}}", false, *hearing.sink);
}

// What the answer was found in, each cited for all of its text so far: the places within are counted in other units.
void Candidate::sources(const object& grounding, Hearing& hearing) {
  array chunks;
  if (hearing.sink == nullptr || grounding["groundingChunks"].get(chunks) != simdjson::SUCCESS) return;
  for (const element each : chunks) {
    object web;
    if (each["web"].get(web) != simdjson::SUCCESS) continue;
    std::string json = "{";
    json::append_text(json, "type", "url_citation");
    json::append_json(json, "url_citation", "{");
    json::append_number(json, "start_index", 0);
    json::append_number(json, "end_index", static_cast<std::int64_t>(characters_));
    json::append_text(json, "url", text_of(web, "uri"));
    json::append_text(json, "title", text_of(web, "title"));
    hearing.order.annotation(json += "}}", *hearing.sink);
  }
}

}  // namespace gateway::gemini
