#include "wire/anthropic/usage.h"

#include <algorithm>
#include <string_view>

#include "wire/anthropic/usage_reader.h"

namespace gateway::anthropic {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::int64_t kMost = 10'000'000'000;

void take(const object& from, std::string_view key, std::optional<std::int64_t>& figure, bool& odd) {
  element value;
  if (from[key].get(value) != simdjson::SUCCESS || value.is_null()) return;
  std::int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS && number >= 0 && number <= kMost) {
    figure = number;
  } else {
    odd = true;
  }
}

void take_part(const object& from, std::string_view part, std::string_view key, std::optional<std::int64_t>& figure,
               bool& odd) {
  object inner;
  if (from[part].get(inner) == simdjson::SUCCESS) take(inner, key, figure, odd);
}

std::int64_t sum_of_input(const object& from, bool& odd) {
  std::int64_t sum = 0;
  for (const std::string_view key : {"input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"}) {
    std::optional<std::int64_t> figure;
    take(from, key, figure, odd);
    sum += figure.value_or(0);
  }
  return sum;
}

// The steps of one answer. The figures above them count its messages; a compaction is billed beside, and so is what an
// advisor said, at its own model's price, which nobody knows here.
void take_iterations(const array& steps, MessageUsage& usage) {
  usage.beside_input = usage.beside_output = 0;
  for (const element each : steps) {
    object step;
    std::string_view type;
    if (each.get(step) != simdjson::SUCCESS || step["type"].get(type) != simdjson::SUCCESS) continue;
    if (type != "compaction" && type != "advisor_message") continue;
    usage.odd |= type == "advisor_message";
    std::optional<std::int64_t> output;
    take(step, "output_tokens", output, usage.odd);
    usage.beside_input += sum_of_input(step, usage.odd);
    usage.beside_output += output.value_or(0);
  }
}

}  // namespace

void merge_usage(const object& json, MessageUsage& usage) {
  take(json, "input_tokens", usage.input, usage.odd);
  take(json, "cache_read_input_tokens", usage.cache_read, usage.odd);
  take(json, "cache_creation_input_tokens", usage.cache_write, usage.odd);
  take(json, "output_tokens", usage.output, usage.odd);
  take_part(json, "cache_creation", "ephemeral_1h_input_tokens", usage.cache_write_1h, usage.odd);
  take_part(json, "output_tokens_details", "thinking_tokens", usage.thinking, usage.odd);
  take_part(json, "server_tool_use", "web_search_requests", usage.searches, usage.odd);
  std::string_view tier;
  if (json["service_tier"].get(tier) == simdjson::SUCCESS) usage.service_tier = tier;
  array steps;
  if (json["iterations"].get(steps) == simdjson::SUCCESS) take_iterations(steps, usage);
}

Usage MessageUsage::total() const noexcept {
  Usage out;
  out.cached_input = cache_read.value_or(0);
  out.cache_write = cache_write.value_or(0);
  out.input = input.value_or(0) + out.cached_input + out.cache_write + beside_input;
  out.output = output.value_or(0) + beside_output;
  out.reasoning = std::min(thinking.value_or(0), out.output);
  out.searches = searches.value_or(0);
  return out;
}

std::int64_t MessageUsage::hour_writes() const noexcept {
  return std::min(cache_write_1h.value_or(0), cache_write.value_or(0));
}

}  // namespace gateway::anthropic
