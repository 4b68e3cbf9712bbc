#include "providers/provider.h"

#include "base/extra_fields.h"
#include "providers/anthropic.h"
#include "providers/azure.h"
#include "providers/gemini.h"
#include "providers/host_habits.h"
#include "providers/openai.h"
#include "providers/openrouter.h"
#include "providers/responses.h"
#include "wire/responses/response_reader.h"

namespace gateway {
namespace {

const Dialect& dialect_for(ProviderType type) noexcept {
  static const OpenAiDialect openai;
  static const OpenRouterDialect openrouter;
  static const AnthropicDialect anthropic;
  static const GeminiDialect gemini;
  static const AzureDialect azure;
  static const ResponsesDialect responses;
  switch (type) {
    case ProviderType::openrouter:
      return openrouter;
    case ProviderType::anthropic:
      return anthropic;
    case ProviderType::gemini:
      return gemini;
    case ProviderType::azure:
      return azure;
    case ProviderType::responses:
      return responses;
    case ProviderType::openai:
    case ProviderType::simulated:
      break;
  }
  return openai;
}

Secret bearer(const Secret& key) {
  // "none" is how people tell servers that want no key at all.
  if (key.empty() || key.equals("none")) return Secret{};
  return Secret("Bearer " + std::string(key.reveal()));
}

// The name of the field that the key goes into alone; empty: it is a bearer's. Vertex takes tokens, Azure takes either:
// Entra's are JSON Web Tokens, which its keys never look like.
std::string_view key_field(ProviderType type, const Secret& key, std::string_view host) noexcept {
  switch (type) {
    case ProviderType::anthropic:
      return "x-api-key";
    case ProviderType::gemini:
      return is_vertex(host) ? "" : "x-goog-api-key";
    case ProviderType::azure:
      return key.reveal().starts_with("eyJ") ? "" : "api-key";
    default:
      return {};
  }
}

// What the configured path stands for. SDKs call Anthropic by the root of its service, and Azure by that of a resource.
void complete_path(const ProviderConfig& config, std::string& path) {
  if (config.type == ProviderType::anthropic && !path.ends_with("/v1")) path += "/v1";
  if (config.type != ProviderType::azure || path.ends_with("/models")) return;
  for (const std::string_view tail : {"/v1", "/openai"}) {
    if (path.ends_with(tail)) path.resize(path.size() - tail.size());
  }
  path += config.api_version.empty() ? "/openai/v1" : "/openai";
}

std::string models_path(const ProviderConfig& config) {
  if (config.type == ProviderType::openrouter) return "/models?output_modalities=all";
  if (config.type == ProviderType::gemini) return "/models?pageSize=1000";
  if (config.type == ProviderType::azure && !config.api_version.empty()) {
    return "/models?api-version=" + config.api_version;
  }
  return "/models";
}

void hide(std::string& text, std::string_view secret) {
  constexpr std::size_t kLeastSecret = 8;
  if (secret.size() < kLeastSecret) return;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;)
    text.replace(at, secret.size(), "[redacted]");
}

// What would make a head that providers read otherwise than we wrote it, or none at all.
std::string fault_of(const ProviderConfig& config) {
  for (const Secret* key : {&config.api_key, &config.management_key}) {
    if (auto fault = fault_of_key(key->reveal()); !fault.empty()) return "its key: " + fault;
  }
  for (const ProviderKey& each : config.api_keys) {
    if (auto fault = fault_of_key(each.key.reveal()); !fault.empty()) return "its key '" + each.name + "': " + fault;
  }
  for (std::size_t i = 0; i < config.headers.size(); ++i) {
    const ExtraFields before(config.headers.data(), i);
    const auto& [name, value] = config.headers[i];
    if (auto fault = fault_of_name(before, name); !fault.empty()) return "'headers': " + fault;
    if (auto fault = fault_of_value(before, name, value); !fault.empty()) return "'headers': '" + name + "': " + fault;
  }
  return {};
}

}  // namespace

void Provider::hide_secrets(ProviderError& error) const {
  for (std::string* text :
       {&error.message, &error.more, &error.code, &error.type, &error.param, &error.rest, &error.raw}) {
    hide_secrets(*text);
  }
}

void Provider::hide_secrets(std::string& text) const {
  hide(text, config.api_key.reveal());
  hide(text, config.management_key.reveal());
  for (const ProviderKey& each : config.api_keys) hide(text, each.key.reveal());
  for (const auto& [name, value] : config.headers) {
    hide(text, value);
    // A scheme and a token: the token alone, too.
    if (const std::size_t space = value.find(' '); space != std::string::npos)
      hide(text, std::string_view(value).substr(space + 1));
  }
}

Result<std::shared_ptr<const Provider>> make_provider(const ProviderConfig& config) {
  if (const std::string fault = fault_of(config); !fault.empty()) {
    return Error{ErrorCode::invalid, "provider '" + config.name + "': " + fault};
  }
  auto provider = std::make_shared<Provider>();
  provider->config = config;
  // What is not of a target, as its list of models, is asked for with the first one.
  const Secret& api_key = config.api_keys.empty() ? config.api_key : config.api_keys.front().key;
  if (provider->config.base_url.empty()) provider->config.base_url = default_base_url(config.type);
  auto base = parse_base_url(provider->config.base_url, config.proxy, config.ca_file);
  if (!base) return Error{base.error().code, "provider '" + config.name + "': " + base.error().detail};
  provider->base = std::move(*base);
  complete_path(config, provider->base.path);
  provider->models_path = models_path(config);
  const Origin& origin = provider->base.origin;
  provider->habits = config.type == ProviderType::openrouter ? &openrouter_habits()
                                                             : &habits_of(config.preset, origin.host, origin.port);
  const bool is_token = !config.token_command.run.empty();
  const std::string_view field = is_token ? std::string_view() : key_field(config.type, api_key, origin.host);
  if (!field.empty()) {
    provider->authorization_name = field;
    if (!api_key.equals("none")) provider->authorization = api_key;
  } else {
    provider->authorization = bearer(api_key);
  }
  if (config.type == ProviderType::responses) provider->signs_as = std::string(responses::kRawOrigin) + config.name;
  provider->management = bearer(config.management_key);
  provider->dialect = &dialect_for(config.type);
  provider->simulated = config.type == ProviderType::simulated;
  return std::shared_ptr<const Provider>(std::move(provider));
}

}  // namespace gateway
