// Samples of code that use this gateway: plain HTTP, and OpenAI's packages with another base URL.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace gateway::app {

inline constexpr std::array<std::string_view, 6> kSampleLanguages{"curl", "python", "ts", "go", "swift", "kotlin"};

// Other names that people use for one of them.
struct SampleAlias {
  std::string_view name, language;
};
inline constexpr SampleAlias kSampleAliases[] = {
    {"typescript", "ts"}, {"javascript", "ts"},  {"js", "ts"},      {"node", "ts"},
    {"nodejs", "ts"},     {"node.js", "ts"},     {"deno", "ts"},    {"bun", "ts"},
    {"py", "python"},     {"python3", "python"}, {"golang", "go"},  {"kt", "kotlin"},
    {"sh", "curl"},       {"bash", "curl"},      {"shell", "curl"}, {"http", "curl"}};

// `base` ends in /v1. The key is the environment's GATEWAY_KEY: no sample contains one. `language` is one of
// kSampleLanguages.
std::string sample_text(std::string_view language, std::string_view base, std::string_view model, bool stream);

}  // namespace gateway::app
