#include "operations/config_in_force.h"

namespace gateway::operations {
namespace {

void hide(Secret& secret) {
  if (!secret.empty()) secret = Secret(std::string(kHidden));
}

// "http://user:password@host" as "http://***@host".
void hide_user(std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == url.npos ? 0 : scheme + 3;
  const std::size_t end = url.find_first_of("/?#", begin);
  const std::size_t at = url.rfind('@', end);
  if (at != url.npos && at >= begin) url.replace(begin, at - begin, kHidden);
}

}  // namespace

ConfigInForce config_in_force(const Deployment& deployment) {
  ConfigInForce out{deployment.config_path, deployment.database, deployment.config};
  Config& config = out.config;
  hide_user(out.database);
  hide_user(config.database);
  hide(config.admin_token);
  for (AdminToken& token : config.admin_tokens) hide(token.token);
  hide(config.metrics.token);
  for (ProviderConfig& provider : config.providers) {
    hide(provider.api_key);
    for (ProviderKey& each : provider.api_keys) hide(each.key);
    auto& run = provider.token_command.run;  // whose arguments may be secrets
    for (std::size_t i = 1; i < run.size(); ++i) run[i] = kHidden;
    hide(provider.management_key);
    hide_user(provider.base_url);
    hide_user(provider.proxy);
    for (auto& [name, value] : provider.headers) value = kHidden;
  }
  return out;
}

}  // namespace gateway::operations
