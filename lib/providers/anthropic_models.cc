#include "providers/anthropic_models.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

using T = Thinking;
using S = SamplingTaken;

// clang-format off
constexpr AnthropicModel kModels[] = {
    {"claude-opus-5",       128'000, T::adaptive, S::none, "max",   true,  true},
    {"claude-mythos-5",     128'000, T::adaptive, S::none, "xhigh", true,  true},
    {"claude-fable-5",      128'000, T::adaptive, S::none, "xhigh", true,  true},
    {"claude-sonnet-5",     128'000, T::adaptive, S::none, "xhigh", true,  true},
    {"claude-haiku-5",      128'000, T::adaptive, S::none, "xhigh", true,  true},
    {"claude-opus-4-8",     128'000, T::adaptive, S::none, "xhigh", true,  true},
    {"claude-opus-4-7",     128'000, T::adaptive, S::none, "xhigh", true,  false},
    {"claude-opus-4-6",     128'000, T::either,   S::one,  "max",   true,  false},
    {"claude-sonnet-4-6",   128'000, T::either,   S::one,  "max",   true,  false},
    {"claude-opus-4-5",      64'000, T::budget,   S::one,  "high",  true,  false},
    {"claude-sonnet-4-5",    64'000, T::budget,   S::one,  "",      true,  false},
    {"claude-haiku-4-5",     64'000, T::budget,   S::one,  "",      true,  false},
    {"claude-opus-4-1",      32'000, T::budget,   S::one,  "",      true,  false},
    {"claude-opus-4",        32'000, T::budget,   S::both, "",      false, false},
    {"claude-sonnet-4",      64'000, T::budget,   S::both, "",      false, false},
    {"claude-3-7-sonnet",    64'000, T::budget,   S::both, "",      false, false},
    {"claude-3-5",            8'192, T::none,     S::both, "",      false, false},
    {"claude-3",              4'096, T::none,     S::both, "",      false, false},
};
// clang-format on
constexpr AnthropicModel kUnknownModel{"", 4'096, T::none, S::both, "", false, false};

constexpr std::array<std::string_view, 6> kEfforts{"minimal", "low", "medium", "high", "xhigh", "max"};

std::size_t rank_of(std::string_view effort) noexcept {
  const auto found = std::find(kEfforts.begin(), kEfforts.end(), effort);
  return found == kEfforts.end() ? 2 : static_cast<std::size_t>(found - kEfforts.begin());
}

}  // namespace

AnthropicModel anthropic_model(std::string_view name, const ModelAbilities& configured) noexcept {
  AnthropicModel out = kUnknownModel;
  for (const AnthropicModel& each : kModels) {
    if (name.starts_with(each.name) && each.name.size() > out.name.size()) out = each;
  }
  if (configured.thinking) out.thinking = *configured.thinking;
  if (configured.sampling) out.sampling = *configured.sampling;
  if (configured.schemas) out.schemas = *configured.schemas;
  const bool adapts = out.thinking == Thinking::adaptive || out.thinking == Thinking::either;
  if (adapts && out.top_effort.empty()) out.top_effort = "high";
  return out;
}

std::int64_t thinking_budget(std::string_view effort) noexcept {
  static constexpr std::array<std::int64_t, kEfforts.size()> kBudgets{1024, 4096, 8192, 16'384, 32'768, 65'536};
  return kBudgets[rank_of(effort)];
}

std::string_view nearest_effort(std::string_view effort, std::string_view top) noexcept {
  return kEfforts[std::clamp<std::size_t>(rank_of(effort), 1, std::max<std::size_t>(rank_of(top), 1))];
}

std::string_view effort_of_budget(std::int64_t tokens) noexcept {
  for (const std::string_view effort : kEfforts) {
    if (tokens <= thinking_budget(effort)) return effort;
  }
  return kEfforts.back();
}

}  // namespace gateway
