// Values of a configuration in the words that its file has for them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/config.h"

namespace gateway::operations {

std::string_view word_of(ProviderType type) noexcept;
std::string_view word_of(HostPreset preset) noexcept;
// All types of providers, in the order of ProviderType.
std::span<const std::string_view> provider_type_words() noexcept;
std::string_view word_of(Thinking thinking) noexcept;
std::string_view word_of(SamplingTaken sampling) noexcept;
std::string word_of(const Identity& identity);

// "22:00-06:00".
std::string hours_text(const std::pair<int, int>& minutes);
// "5.00".
std::string percent_text(const Canary& canary);
// "p95", "800ms".
std::string after_text(const HedgeConfig& hedge);
// "projects a, b; header x-team: blue; input_tokens_over 100".
std::string condition_text(const Condition& when);
// Of bits of Ability.
std::vector<std::string> ability_words(std::uint8_t can);
// What is tried again, or elsewhere.
std::vector<std::string> retry_words(const RetryConfig& retry);

}  // namespace gateway::operations
