// What Anthropic's models can do and refuse: a table that ages, with its date.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/route.h"

namespace gateway {

inline constexpr std::string_view kAnthropicModelsDate = "2026-11-28";

struct AnthropicModel {
  std::string_view name;        // what the names of the family begin with
  std::int64_t max_output = 0;  // tokens
  Thinking thinking = Thinking::none;
  SamplingTaken sampling = SamplingTaken::both;
  std::string_view top_effort;  // the highest that it knows; empty: none
  bool schemas = false;         // answers by a JSON schema, tools that keep to theirs strictly
  bool system_turns = false;    // takes system messages among the others
};

// The row with the longest name that fits, or one for models that nobody knows; with what is configured in its place.
AnthropicModel anthropic_model(std::string_view name, const ModelAbilities& configured) noexcept;

// How much a model that thinks by a budget may think at that effort. Zero: not at all.
std::int64_t thinking_budget(std::string_view effort) noexcept;
// The effort that is nearest to the one asked for, as far up as the model goes.
std::string_view nearest_effort(std::string_view effort, std::string_view top) noexcept;
std::string_view effort_of_budget(std::int64_t tokens) noexcept;

}  // namespace gateway
