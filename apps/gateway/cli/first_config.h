// A first configuration file, written for somebody.
#pragma once

#include <optional>
#include <string>

#include "app/cli/command_context.h"
#include "gateway/provider.h"

namespace gateway::app {

struct FirstConfig {
  ProviderType provider = ProviderType::simulated;
  std::string key_variable;           // of the environment; empty: the provider needs no key
  std::string base_url;               // empty: the provider's usual one
  std::string model;                  // of the provider
  std::string alias = "fast";         // what clients call it
  std::optional<std::string> prices;  // "0.15,0.60": USD per million tokens of input and output
  std::string project = "demo";
  std::optional<std::string> cap;  // "25/month"
};

std::string usual_key_variable(ProviderType type);
std::string usual_model(ProviderType type);

// The file, with comments and without any secret. It passes `gateway check` if the environment has the key: what would
// not is an error. Errors: invalid, naming the flag; refused, as the check reports it.
Result<std::string> first_config_text(const FirstConfig& wanted);

}  // namespace gateway::app
