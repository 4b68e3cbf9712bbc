// What Gemini's models can do and refuse: a table that ages, with its date.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/route.h"

namespace gateway {

inline constexpr std::string_view kGeminiModelsDate = "2026-11-28";

struct GeminiModel {
  enum class Thinks : std::uint8_t {
    never,
    by_budget,  // thinkingBudget: 2.5
    by_level,   // thinkingLevel: 3 and later
  };
  std::string_view name;  // what the names of the family begin with
  Thinks thinks = Thinks::never;
  std::int64_t least_budget = 0, most_budget = 0;  // tokens; a least of 0: it can be turned off
  std::string_view least_level;
  bool json_beside_tools = false;  // answers by a schema while it has tools
  bool wants_signatures = false;   // refuses a turn's calls without the signature of the thought that led to them
};

// The row with the longest name that fits, or one for models that nobody knows; with what is configured in its place.
// `name` may begin with "models/".
GeminiModel gemini_model(std::string_view name, const ModelAbilities& configured) noexcept;

std::int64_t gemini_budget(const GeminiModel& model, std::string_view effort) noexcept;
std::string_view gemini_level(const GeminiModel& model, std::string_view effort) noexcept;

}  // namespace gateway
