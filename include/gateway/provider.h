// A provider: where it is reached, and with which credentials.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/secret.h"

namespace gateway {

enum class ProviderType : std::uint8_t { openai, openrouter, anthropic, simulated };

/// Where a provider of the type is reached if nothing else is configured.
constexpr std::string_view default_base_url(ProviderType type) noexcept {
  switch (type) {
    case ProviderType::openai:
      return "https://api.openai.com/v1";
    case ProviderType::openrouter:
      return "https://openrouter.ai/api/v1";
    case ProviderType::anthropic:
      return "https://api.anthropic.com/v1";
    case ProviderType::simulated:
      return "http://simulated.invalid/v1";
  }
  return {};
}

/// One of several keys of a provider.
struct ProviderKey {
  std::string name;  ///< as a provider's; in health and explanations after the provider's: "openai#work"
  Secret key;
  int weight = 1;  ///< its share of the provider's requests
};

struct ProviderConfig {
  std::string name;
  ProviderType type = ProviderType::openai;
  std::string base_url;  ///< without a last slash; "https://api.openai.com/v1" where the type has a default
  Secret api_key;        ///< empty: no authorization field is sent
  std::vector<ProviderKey> api_keys;  ///< instead of `api_key`: each with a breaker and a cooling of its own
  Secret management_key;              ///< OpenRouter: for reconciliation
  std::string proxy;                  ///< see Origin::proxy
  std::string ca_file;                ///< see Origin::ca_file
  std::vector<std::pair<std::string, std::string>> headers;  ///< sent with every request
  bool ask_usage =
      true;  ///< put stream_options.include_usage into streamed requests; not to OpenRouter, which needs none
  std::chrono::seconds catalogue_every{3600};  ///< OpenRouter: how often its model list is fetched; 0: never
};

}  // namespace gateway
