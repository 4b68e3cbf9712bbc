#include "gateway/yaml_config.h"

namespace gateway {
namespace {

RouteConfig route_to(const std::string& pattern, const std::string& provider) {
  TargetConfig target;
  target.provider = provider;
  return {pattern, Strategy::ordered, {std::move(target)}};
}

}  // namespace

Config default_config(const Environment& environment) {
  Config config;
  config.mcp.enabled = true;
  ProviderConfig simulated;
  simulated.name = "simulated";
  simulated.type = ProviderType::simulated;
  config.providers.push_back(std::move(simulated));
  config.routes.push_back(route_to("simulated/*", "simulated"));

  const std::optional<std::string> key = environment("OPENROUTER_API_KEY");
  if (!key || key->empty()) return config;
  ProviderConfig openrouter;
  openrouter.name = "openrouter";
  openrouter.type = ProviderType::openrouter;
  openrouter.base_url = "https://openrouter.ai/api/v1";
  openrouter.api_key = Secret(*key);
  openrouter.management_key = Secret(environment("OPENROUTER_MANAGEMENT_KEY").value_or(""));
  config.providers.push_back(std::move(openrouter));
  config.routes.push_back(route_to("*", "openrouter"));
  return config;
}

}  // namespace gateway
