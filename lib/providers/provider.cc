#include "providers/provider.h"

#include "providers/openai.h"
#include "providers/openrouter.h"

namespace gateway {
namespace {

const Dialect& dialect_for(ProviderType type) noexcept {
  static const OpenAiDialect openai;
  static const OpenRouterDialect openrouter;
  if (type == ProviderType::openrouter) return openrouter;
  return openai;
}

Secret bearer(const Secret& key) {
  // "none" is how people tell servers that want no key at all.
  if (key.empty() || key.equals("none")) return Secret{};
  return Secret("Bearer " + std::string(key.reveal()));
}

}  // namespace

std::string_view default_base_url(ProviderType type) noexcept {
  switch (type) {
    case ProviderType::openai:
      return "https://api.openai.com/v1";
    case ProviderType::openrouter:
      return "https://openrouter.ai/api/v1";
    case ProviderType::simulated:
      return "http://simulated.invalid/v1";
  }
  return {};
}

Result<std::shared_ptr<const Provider>> make_provider(const ProviderConfig& config) {
  auto provider = std::make_shared<Provider>();
  provider->config = config;
  if (provider->config.base_url.empty()) provider->config.base_url = default_base_url(config.type);
  auto base = parse_base_url(provider->config.base_url, config.proxy, config.ca_file);
  if (!base) return Error{base.error().code, "provider '" + config.name + "': " + base.error().detail};
  provider->base = std::move(*base);
  provider->authorization = bearer(config.api_key);
  provider->management = bearer(config.management_key);
  provider->dialect = &dialect_for(config.type);
  provider->simulated = config.type == ProviderType::simulated;
  return std::shared_ptr<const Provider>(std::move(provider));
}

}  // namespace gateway
