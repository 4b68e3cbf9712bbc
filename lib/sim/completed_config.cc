#include "sim/completed_config.h"

#include <algorithm>

namespace gateway::testing {
namespace {

bool has_provider(const Config& config, const std::string& name) {
  return std::any_of(config.providers.begin(), config.providers.end(),
                     [&](const ProviderConfig& provider) { return provider.name == name; });
}

}  // namespace

Config completed(Config config) {
  for (const RouteConfig& route : config.routes) {
    for (const TargetConfig& target : route.targets) {
      if (has_provider(config, target.provider)) continue;
      ProviderConfig& added = config.providers.emplace_back();
      added.name = target.provider;
      added.base_url = "http://" + target.provider + ".example/v1";
    }
  }
  for (ProviderConfig& provider : config.providers) provider.catalogue_every = std::chrono::seconds(0);
  if (config.projects.empty()) config.projects.emplace_back().name = "demo";
  return config;
}

}  // namespace gateway::testing
