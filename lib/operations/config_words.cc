#include "operations/config_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "base/enum_names.h"

namespace gateway::operations {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 7> kTypeWords{"openai", "openrouter", "anthropic", "gemini",
                                         "azure",  "responses",  "simulated"};
constexpr std::array<Word, 12> kPresetWords{"plain", "openai",     "google",   "mistral", "deepseek", "groq",
                                            "xai",   "perplexity", "together", "cohere",  "ollama",   "vllm"};
constexpr std::array<Word, 4> kThinkingWords{"none", "budget", "adaptive", "either"};
constexpr std::array<Word, 3> kSamplingWords{"both", "one", "none"};
constexpr std::array<Word, 6> kIdentityWords{"project", "key", "header", "user", "session", "prefix"};

static_assert(static_cast<std::size_t>(ProviderType::simulated) + 1 == kTypeWords.size());
static_assert(static_cast<std::size_t>(HostPreset::vllm) + 1 == kPresetWords.size());
static_assert(static_cast<std::size_t>(Thinking::either) + 1 == kThinkingWords.size());
static_assert(static_cast<std::size_t>(SamplingTaken::none) + 1 == kSamplingWords.size());
static_assert(static_cast<std::size_t>(IdentifiedBy::prefix) + 1 == kIdentityWords.size());

}  // namespace

std::string_view word_of(ProviderType type) noexcept { return name_of(kTypeWords, type); }
std::string_view word_of(HostPreset preset) noexcept { return name_of(kPresetWords, preset); }
std::span<const std::string_view> provider_type_words() noexcept { return kTypeWords; }
std::string_view word_of(Thinking thinking) noexcept { return name_of(kThinkingWords, thinking); }
std::string_view word_of(SamplingTaken sampling) noexcept { return name_of(kSamplingWords, sampling); }

std::string word_of(const Identity& identity) {
  const std::string word(name_of(kIdentityWords, identity.by));
  return identity.by == IdentifiedBy::header ? word + ":" + identity.header : word;
}

std::string hours_text(const std::pair<int, int>& minutes) {
  const auto [from, to] = minutes;
  return fmt::format("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60);
}

std::string percent_text(const Canary& canary) {
  return fmt::format("{}.{:02}", canary.hundredths / 100, canary.hundredths % 100);
}

std::string after_text(const HedgeConfig& hedge) {
  return hedge.after ? fmt::format("{}ms", hedge.after->count()) : fmt::format("p{}", hedge.percentile);
}

std::string condition_text(const Condition& when) {
  std::vector<std::string> parts;
  if (!when.projects.empty()) parts.push_back(fmt::format("projects {}", fmt::join(when.projects, ", ")));
  if (!when.keys.empty()) parts.push_back(fmt::format("keys {}", fmt::join(when.keys, ", ")));
  for (const auto& [name, value] : when.headers) parts.push_back(fmt::format("header {}: {}", name, value));
  for (const auto& [name, value] : when.metadata) parts.push_back(fmt::format("metadata {}: {}", name, value));
  if (!when.tags.empty()) parts.push_back(fmt::format("tags {}", fmt::join(when.tags, ", ")));
  if (when.input_tokens_over) parts.push_back(fmt::format("input_tokens_over {}", *when.input_tokens_over));
  if (when.input_tokens_under) parts.push_back(fmt::format("input_tokens_under {}", *when.input_tokens_under));
  if (when.minutes) parts.push_back("hours " + hours_text(*when.minutes));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::vector<std::string> ability_words(std::uint8_t can) {
  std::vector<std::string> out;
  for (const auto& [ability, name] :
       {std::pair(Ability::tools, "tools"), std::pair(Ability::vision, "vision"),
        std::pair(Ability::json_schema, "json_schema"), std::pair(Ability::audio, "audio")}) {
    if ((can & static_cast<std::uint8_t>(ability)) != 0) out.emplace_back(name);
  }
  return out;
}

std::vector<std::string> retry_words(const RetryConfig& retry) {
  std::vector<std::string> out;
  for (const auto& [is_on, name] :
       {std::pair(retry.on_connect, "connect"), std::pair(retry.on_timeout, "timeout"), std::pair(retry.on_429, "429"),
        std::pair(retry.on_5xx, "5xx"), std::pair(retry.on_lost, "lost"),
        std::pair(retry.on_context_length, "context_length"), std::pair(retry.on_content_policy, "content_policy")}) {
    if (is_on) out.emplace_back(name);
  }
  return out;
}

}  // namespace gateway::operations
