#include "wire/gemini/usage.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "wire/gemini/usage_reader.h"

namespace gateway::gemini {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::int64_t kMost = 10'000'000'000;

// Whether it is there. A figure that cannot be one is odd, and counts as absent.
bool take(const object& from, std::string_view key, std::int64_t& figure, bool& odd) {
  element value;
  if (from[key].get(value) != simdjson::SUCCESS || value.is_null()) return false;
  std::int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS || number < 0 || number > kMost) return odd = true, false;
  figure = number;
  return true;
}

// The tokens of one modality in a list of them.
std::int64_t of_modality(const object& from, std::string_view list, std::string_view modality, bool& odd) {
  array details;
  if (from[list].get(details) != simdjson::SUCCESS) return 0;
  std::int64_t sum = 0;
  for (const element each : details) {
    object detail;
    std::string_view name;
    std::int64_t count = 0;
    if (each.get(detail) != simdjson::SUCCESS || detail["modality"].get(name) != simdjson::SUCCESS) continue;
    if (name == modality && take(detail, "tokenCount", count, odd)) sum += count;
  }
  return std::min(sum, kMost);
}

// The Gemini API has the tier's name; on Vertex it is within the kind of traffic.
std::string tier_of(const object& json) {
  std::string_view text;
  if (json["serviceTier"].get(text) == simdjson::SUCCESS) return std::string(text);
  if (json["trafficType"].get(text) != simdjson::SUCCESS) return {};
  if (text == "ON_DEMAND_FLEX") return "flex";
  return text == "ON_DEMAND_PRIORITY" ? "priority" : "";
}

}  // namespace

void read_usage(const object& json, AnswerUsage& usage) {
  AnswerUsage now;
  now.odd = usage.odd;
  now.tier = tier_of(json);
  if (now.tier.empty()) now.tier = usage.tier;
  for (const auto& [key, figure] : {std::pair<std::string_view, std::int64_t*>{"promptTokenCount", &now.prompt},
                                    {"cachedContentTokenCount", &now.cached},
                                    {"toolUsePromptTokenCount", &now.tool_prompt},
                                    {"candidatesTokenCount", &now.output},
                                    {"thoughtsTokenCount", &now.thoughts}}) {
    now.given |= take(json, key, *figure, now.odd);
  }
  if (!now.given) {
    usage.odd = now.odd;
    usage.tier = now.tier;
    return;
  }
  now.audio_prompt = of_modality(json, "promptTokensDetails", "AUDIO", now.odd);
  now.cached_audio = of_modality(json, "cacheTokensDetails", "AUDIO", now.odd);
  now.audio_output = of_modality(json, "candidatesTokensDetails", "AUDIO", now.odd);
  now.image_output = of_modality(json, "candidatesTokensDetails", "IMAGE", now.odd);
  std::int64_t total = 0;
  if (take(json, "totalTokenCount", total, now.odd)) {
    const std::int64_t sum = now.prompt + now.tool_prompt + now.output + now.thoughts;
    now.odd |= total != sum;
    now.rest = std::max<std::int64_t>(total - sum, 0);
  }
  now.odd |= now.cached > now.prompt;
  usage = std::move(now);
}

Usage AnswerUsage::total() const noexcept {
  Usage out;
  out.input = prompt + tool_prompt;
  out.cached_input = std::min(cached, prompt);
  out.output = output + thoughts + rest;
  out.reasoning = thoughts;
  return out;
}

std::int64_t AnswerUsage::plain_audio_input() const noexcept {
  return std::max<std::int64_t>(audio_prompt - cached_audio, 0);
}

}  // namespace gateway::gemini
