#include "wire/openrouter/generation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "wire/json/walk.h"
#include "wire/openai/error_reader.h"

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

constexpr std::int64_t kUnknown = -1;

class Reading {
 public:
  explicit Reading(json::Walk& walk) : walk_(walk) {}

  bool member(const Text& key, Value value) {
    const std::string_view name = json::unescaped(key, scratch_);
    if (name == "error") return read_error(walk_, value, scratch_, has_error_, error_);
    if (name != "data" || walk_.kind(value) != Kind::object) return walk_.skip(value);
    return walk_.object(value, [this](const Text& inner, Value part) { return datum(inner, part); });
  }

  Result<Generation> take() {
    if (has_error_) {
      const ErrorCode code = error_.status == 404 ? ErrorCode::not_found : ErrorCode::invalid;
      return Error{code, "the generation is not reported: " + error_.message};
    }
    if (out_.id.empty()) return Error{ErrorCode::invalid, "the answer about a generation has no id"};
    const auto first_known = [](std::int64_t a, std::int64_t b) { return a != kUnknown ? a : b; };
    const std::int64_t input = first_known(native_input_, input_);
    const std::int64_t output = first_known(native_output_, output_);
    out_.has_usage = input != kUnknown && output != kUnknown;
    if (out_.has_usage) {
      out_.usage.input = input;
      out_.usage.output = output;
      out_.usage.cached_input = std::clamp<std::int64_t>(cached_, 0, input);
      out_.usage.reasoning = std::clamp<std::int64_t>(reasoning_, 0, output);
    }
    if (!out_.cost) out_.cost = credits_;
    return std::move(out_);
  }

 private:
  bool datum(const Text& key, Value value) {
    const std::string_view name = json::unescaped(key, scratch_);
    const std::array<std::pair<std::string_view, std::int64_t*>, 6> counts{{
        {"tokens_prompt", &input_},
        {"tokens_completion", &output_},
        {"native_tokens_prompt", &native_input_},
        {"native_tokens_completion", &native_output_},
        {"native_tokens_reasoning", &reasoning_},
        {"native_tokens_cached", &cached_},
    }};
    for (const auto& [known, count] : counts) {
      if (known == name) return walk_.integer_into(value, *count);
    }
    if (name == "id") return walk_.text_into(value, out_.id);
    if (name == "model") return walk_.text_into(value, out_.model);
    if (name == "provider_name") return walk_.text_into(value, out_.provider);
    if (name == "finish_reason") return walk_.text_into(value, out_.finish_reason);
    if (name == "is_byok") return walk_.boolean_into(value, out_.is_byok);
    if (name == "cancelled") return walk_.boolean_into(value, out_.cancelled);
    if (name == "streamed") return walk_.boolean_into(value, out_.streamed);
    if (name == "total_cost") return money(value, out_.cost);
    if (name == "usage") return money(value, credits_);
    if (name == "upstream_inference_cost") return money(value, out_.upstream_cost);
    return walk_.skip(value);
  }

  bool money(Value value, std::optional<Money>& money) {
    decimal_.clear();
    if (!walk_.decimal_into(value, decimal_)) return false;
    const auto amount = Money::parse_rounded(decimal_);
    if (amount && !amount->is_negative()) money = *amount;
    return true;
  }

  json::Walk& walk_;
  std::string scratch_, decimal_;
  Generation out_;
  std::optional<Money> credits_;
  std::int64_t input_ = kUnknown, output_ = kUnknown, native_input_ = kUnknown, native_output_ = kUnknown;
  std::int64_t cached_ = 0, reasoning_ = 0;
  bool has_error_ = false;
  ProviderError error_;
};

}  // namespace

Result<Generation> read_generation(std::string_view json) {
  PaddedBuffer buffer;
  buffer.append(json);
  simdjson::ondemand::parser parser;
  json::Walk walk(parser, json::kUsualDepth);
  Reading reading(walk);
  if (!walk.root(buffer, [&](const Text& key, Value value) { return reading.member(key, value); })) {
    return Error{ErrorCode::invalid, std::string("the answer about a generation is not valid JSON: ") + walk.fault()};
  }
  return reading.take();
}

}  // namespace gateway
