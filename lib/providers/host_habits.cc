#include "providers/host_habits.h"

#include <algorithm>

#include "gateway/headers.h"

namespace gateway {
namespace {

using P = HostPreset;
using R = ReasoningHistory;
using C = Carried;

constexpr std::uint16_t kOllamaPort = 11434;

// 422 `extra_forbidden`, each seen in issues of its clients (2025-11 to 2026-06): eca 231, openclaude 739, crush 1590.
constexpr CarriedFeature kMistralRefuses[] = {
    {"store", C::drop, ""},
    {"user", C::drop, ""},
    {"metadata", C::drop, ""},
    {"service_tier", C::drop, ""},
    {"safety_identifier", C::drop, ""},
    {"prompt_cache_key", C::drop, ""},
    {"prompt_cache_retention", C::drop, ""},
    {"verbosity", C::drop, ""},
    {"messages[].name", C::drop, ""},
    {"messages[].reasoning", C::drop, ""},
};
// 400 for messages[].name: its documentation, 2026-08.
constexpr CarriedFeature kGroqRefuses[] = {{"messages[].name", C::drop, ""}};

// Sources: providers' documentation and recorded exchanges of May to August 2026.
constexpr HostHabits kHabits[] = {
    {.preset = P::plain},
    {.preset = P::openai, .domain = "api.openai.com"},
    // Its own OpenAI layer has signatures of calls in `extra_content`.
    {.preset = P::google, .domain = "generativelanguage.googleapis.com", .call_signatures = true},
    // Ids of calls: opencode 1680, ironclaw 1241. Usage comes with the last chunk unasked (recorded).
    {.preset = P::mistral,
     .domain = "api.mistral.ai",
     .rewrites = true,
     .asks_usage = false,
     .required = "any",
     .seed = "random_seed",
     .call_id_size = 9,
     .features = kMistralRefuses},
    // Turns of tools without the reasoning that led to them: 400 (crewAI 5878, pi 3636).
    {.preset = P::deepseek, .domain = "api.deepseek.com", .reasoning = R::beside_calls},
    {.preset = P::groq, .domain = "api.groq.com", .reasoning = R::reasoning, .features = kGroqRefuses},
    // Its chat counts reasoning outside of completion_tokens, and its total counts both (recorded): see
    // usage_reader.cc.
    {.preset = P::xai, .domain = "api.x.ai"},
    {.preset = P::perplexity, .domain = "api.perplexity.ai"},
    {.preset = P::together, .domain = "api.together.xyz"},
    {.preset = P::cohere, .domain = "api.cohere.ai"},
    {.preset = P::cohere, .domain = "api.cohere.com"},
    {.preset = P::ollama, .reasoning = R::reasoning},
    {.preset = P::vllm, .reasoning = R::reasoning},
};

// It passes Anthropic's marks on to Anthropic's models.
constexpr HostHabits kOpenRouter{.preset = P::plain, .cache_marks = "anthropic/"};

bool is_at_domain(std::string_view host, std::string_view domain) noexcept {
  if (domain.empty() || host.size() < domain.size()) return false;
  const std::size_t before = host.size() - domain.size();
  return equal_ignoring_case(host.substr(before), domain) && (before == 0 || host[before - 1] == '.');
}

}  // namespace

std::span<const HostHabits> host_habits() noexcept { return kHabits; }

const HostHabits& openrouter_habits() noexcept { return kOpenRouter; }

const HostHabits& habits_of(std::optional<HostPreset> preset, std::string_view host, std::uint16_t port) noexcept {
  if (!preset && port == kOllamaPort) preset = HostPreset::ollama;
  const auto found = std::find_if(std::begin(kHabits), std::end(kHabits), [&](const HostHabits& each) {
    return preset ? each.preset == *preset : is_at_domain(host, each.domain);
  });
  return found == std::end(kHabits) ? kHabits[0] : *found;
}

}  // namespace gateway
