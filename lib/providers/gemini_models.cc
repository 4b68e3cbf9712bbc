#include "providers/gemini_models.h"

#include <algorithm>

namespace gateway {
namespace {

using Thinks = GeminiModel::Thinks;

// clang-format off
constexpr GeminiModel kGeminiModels[] = {
    {"gemini-3",              Thinks::by_level,  0,   0,      "minimal", true,  true},
    {"gemini-3-pro",          Thinks::by_level,  0,   0,      "low",     true,  true},
    {"gemini-3.1-pro",        Thinks::by_level,  0,   0,      "low",     true,  true},
    {"gemini-3.8",            Thinks::by_level,  0,   0,      "low",     true,  true},
    {"gemini-4",              Thinks::by_level,  0,   0,      "low",     true,  true},
    {"gemini-flash-latest",   Thinks::by_level,  0,   0,      "minimal", true,  true},
    {"gemini-pro-latest",     Thinks::by_level,  0,   0,      "low",     true,  true},
    {"gemini-2.5-pro",        Thinks::by_budget, 128, 32'768, "",        false, false},
    {"gemini-2.5-flash",      Thinks::by_budget, 0,   24'576, "",        false, false},
    {"gemini-2.5-flash-lite", Thinks::by_budget, 0,   24'576, "",        false, false},
    {"gemini-2.5-flash-image", Thinks::never,    0,   0,      "",        false, false},
    {"gemini-2.0",            Thinks::never,     0,   0,      "",        false, false},
    {"gemini-1.5",            Thinks::never,     0,   0,      "",        false, false},
};
// clang-format on

}  // namespace

GeminiModel gemini_model(std::string_view name, const ModelAbilities& configured) noexcept {
  static constexpr std::string_view kModelsFolder = "models/";
  if (name.starts_with(kModelsFolder)) name.remove_prefix(kModelsFolder.size());
  GeminiModel out;
  for (const GeminiModel& each : kGeminiModels) {
    if (name.starts_with(each.name) && each.name.size() > out.name.size()) out = each;
  }
  if (!configured.thinking) return out;
  switch (*configured.thinking) {
    case Thinking::none:
      out.thinks = Thinks::never;
      break;
    case Thinking::budget:
      out.thinks = Thinks::by_budget;
      if (out.most_budget == 0) out.most_budget = 24'576;
      break;
    case Thinking::adaptive:
    case Thinking::either:
      out.thinks = Thinks::by_level;
      break;
  }
  return out;
}

// As Google's own OpenAI layer has them.
std::int64_t gemini_budget(const GeminiModel& model, std::string_view effort) noexcept {
  const bool is_low = effort == "minimal" || effort == "low";
  const std::int64_t budget = is_low ? 1024 : effort.empty() || effort == "medium" ? 8192 : 24'576;
  return std::clamp(budget, model.least_budget, std::max(model.least_budget, model.most_budget));
}

std::string_view gemini_level(const GeminiModel& model, std::string_view effort) noexcept {
  if (effort == "minimal") return model.least_level.empty() ? "low" : model.least_level;
  if (effort == "low" || effort == "medium") return effort;
  return effort.empty() ? std::string_view() : "high";
}

}  // namespace gateway
