// A provider: where it is reached, and with which credentials.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/secret.h"

namespace gateway {

enum class ProviderType : std::uint8_t { openai, openrouter, anthropic, gemini, azure, responses, simulated };

/// Whose habits a server of OpenAI's API has: what it refuses, demands and calls otherwise.
enum class HostPreset : std::uint8_t {
  plain,  ///< nobody's: requests go out as they are
  openai,
  google,  ///< its own OpenAI layer
  mistral,
  deepseek,
  groq,
  xai,
  perplexity,
  together,
  cohere,  ///< its compatibility layer
  ollama,
  vllm,
};

/// Where a provider of the type is reached if nothing else is configured; empty: each has an address of its own.
constexpr std::string_view default_base_url(ProviderType type) noexcept {
  switch (type) {
    case ProviderType::openai:
    case ProviderType::responses:
      return "https://api.openai.com/v1";
    case ProviderType::openrouter:
      return "https://openrouter.ai/api/v1";
    case ProviderType::anthropic:
      return "https://api.anthropic.com/v1";
    case ProviderType::gemini:
      return "https://generativelanguage.googleapis.com/v1beta";
    case ProviderType::azure:
      break;
    case ProviderType::simulated:
      return "http://simulated.invalid/v1";
  }
  return {};
}

/// One of several keys of a provider.
struct ProviderKey {
  std::string name{};  ///< as a provider's; in health and explanations after the provider's: "openai#work"
  Secret key{};
  int weight = 1;  ///< its share of the provider's requests
};

/// A command that prints the provider's key, where that is a token which ends after a while.
struct TokenCommand {
  std::vector<std::string> run{};    ///< the program and its arguments, without a shell; empty: there is none
  std::chrono::seconds every{2700};  ///< how often it is run, unless its output says when the token ends
  std::chrono::seconds timeout{30};  ///< how long it may take
};

struct ProviderConfig {
  std::string name{};
  ProviderType type = ProviderType::openai;
  std::string api_version{};           ///< Azure: of calls by deployment; empty: its `/openai/v1`, which has none
  std::optional<HostPreset> preset{};  ///< whose habits a server of OpenAI's API has; absent: as its host says
  std::string base_url{};  ///< without a last slash; "https://api.openai.com/v1" where the type has a default
  Secret api_key{};        ///< empty: no authorization field is sent
  std::vector<ProviderKey> api_keys{};  ///< instead of `api_key`: each with a breaker and a cooling of its own
  TokenCommand token_command{};         ///< instead of `api_key`: see Core::set_credential()
  Secret management_key{};              ///< OpenRouter: for reconciliation
  std::string proxy{};                  ///< see Origin::proxy
  std::string ca_file{};                ///< see Origin::ca_file
  std::vector<std::pair<std::string, std::string>> headers{};  ///< sent with every request
  bool ask_usage =
      true;  ///< put stream_options.include_usage into streamed requests; not to OpenRouter, which needs none
  std::chrono::seconds catalogue_every{3600};  ///< OpenRouter: how often its model list is fetched; 0: never
};

}  // namespace gateway
