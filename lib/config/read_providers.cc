#include <fmt/format.h>

#include <algorithm>

#include "base/extra_fields.h"
#include "base/names.h"
#include "config/doubts.h"
#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

constexpr Key kProviderKeys[] = {
    {"type", "openai, openrouter, anthropic, gemini, azure, responses or simulated", "",
     "Required. `openai`: whatever speaks OpenAI's chat completions, `responses`: its Responses API."},
    {"base_url", names::kUrlExpected, "",
     "Its address. By default `https://api.openai.com/v1`, `https://openrouter.ai/api/v1`, "
     "`https://api.anthropic.com/v1` or `https://generativelanguage.googleapis.com/v1beta`, as its type says; required "
     "for `azure`."},
    {"api_version", "a version such as 2024-10-21", "",
     "Azure: calls go to `/openai/deployments/NAME` with this version; without it to `/openai/v1`, which needs none."},
    {"preset", "plain, openai, google, mistral, deepseek, groq, xai, perplexity, together, cohere, ollama or vllm", "",
     "For `openai`: whose habits its server has, which fields it refuses and which ids it demands. Without it as its "
     "host says."},
    {"api_key", "a key, or none", "", "Required at the default `base_url`. `none`: no authorization is sent."},
    {"api_keys", "a list such as [{name: work, key: ${WORK_KEY}}]", "",
     "Instead of `api_key`: several, among which requests are spread; each cools down and fails alone."},
    {"token_command", "a mapping", "",
     "Instead of `api_key`: a program that prints the key, sent as a bearer's, where that is a token which ends after "
     "a "
     "while."},
    {"management_key", "a key, or none", "", "OpenRouter: for reconciliation with its bill."},
    {"proxy", names::kProxyExpected, "", "Without it as the environment says (`https_proxy`, ...). `direct`: none."},
    {"ca_file", "text", "", "A PEM file of the CA that its certificate is verified by; without it the system's."},
    {"headers", "a mapping", "",
     "Fields sent with every request, by name: at most 16, 16 KiB together, and none that the gateway writes itself."},
    {"ask_usage", "always or never", "always",
     "Whether streams are asked for their usage (`stream_options`). OpenRouter needs no asking."},
    {"catalogue_every", "a duration of whole seconds such as 10m or 1h; 0 for never", "1h",
     "OpenRouter: how often its list of models and prices is fetched."},
};

constexpr Key kProviderKeyKeys[] = {
    {"name", names::kNameExpected, "", "Required. What it is called in health, metrics and explanations."},
    {"key", "a key, or none", "", "Required."},
    {"weight", "a whole number from 1 to 1000000", "1", "Its share of the provider's requests."},
};

constexpr Key kTokenCommandKeys[] = {
    {"run", "a list such as [gcloud, auth, print-access-token]", "",
     "Required. The program and its arguments; no shell reads them. It prints the token alone, or JSON with "
     "`access_token`, `accessToken` or `token`, and with its end: `expires_in`, or `expires_on` in seconds since "
     "1970."},
    {"every", "a duration of whole seconds such as 10m or 1h, at least 1s", "45m",
     "How often it is run; earlier where the token says that three quarters of its life are over. If it fails, the "
     "token before is used on, and it is run again after 1 s, 2 s, ... up to a minute."},
    {"timeout", "a duration of whole seconds such as 10m or 1h, at least 1s", "30s", "How long it may take."},
};

// Never shows what it found.
void get_secret(const Fields& fields, std::string_view key, Secret& out) {
  const yaml::Entry* entry = fields.find(key);
  if (entry == nullptr) return;
  const auto text = fields.reading().scalar(*entry->value, fields.where(key), "a key, or none");
  if (!text || text->text == "none") return;
  if (const auto fault = fault_of_key(text->text); !fault.empty())
    fields.mistake(key, fields.where(key) + ": " + fault);
  out = Secret(text->text);
}

// Whether there is a type that we know.
bool read_type(const Fields& fields, ProviderType& type) {
  const yaml::Entry* entry = fields.find("type");
  if (entry == nullptr) {
    fields.reading().mistake(
        fields.place(),
        fields.name() +
            " has no 'type'; expected openai, openrouter, anthropic, gemini, azure, responses or simulated");
    return false;
  }
  static constexpr Word<ProviderType> kTypes[] = {
      {"openai", ProviderType::openai},       {"openrouter", ProviderType::openrouter},
      {"anthropic", ProviderType::anthropic}, {"gemini", ProviderType::gemini},
      {"azure", ProviderType::azure},         {"responses", ProviderType::responses},
      {"simulated", ProviderType::simulated}};
  const std::size_t before = fields.reading().count();
  get_word(fields, "type", type, kTypes);
  return fields.reading().count() == before;
}

void read_base_url(const Fields& fields, ProviderConfig& provider) {
  if (provider.type != ProviderType::simulated) provider.base_url = default_base_url(provider.type);
  fields.get("base_url", provider.base_url, names::kUrlExpected,
             [](std::string_view text) -> std::optional<std::string> {
               if (!names::is_base_url(text)) return std::nullopt;
               while (text.back() == '/') text.remove_suffix(1);
               return std::string(text);
             });
  doubt_base_url(fields, "base_url", provider.base_url);
  if (provider.base_url.empty() && provider.type == ProviderType::azure && !fields.has("base_url")) {
    fields.reading().mistake(
        fields.place(),
        fields.name() + " has no 'base_url'; expected its resource's, such as https://NAME.openai.azure.com");
  }
}

void read_api_version(const Fields& fields, ProviderConfig& provider) {
  fields.get("api_version", provider.api_version, "a version such as 2024-10-21",
             [](std::string_view text) -> std::optional<std::string> {
               if (!names::is_name(text)) return std::nullopt;
               return std::string(text);
             });
}

void read_preset(const Fields& fields, ProviderConfig& provider) {
  static constexpr Word<HostPreset> kPresets[] = {
      {"plain", HostPreset::plain},     {"openai", HostPreset::openai},         {"google", HostPreset::google},
      {"mistral", HostPreset::mistral}, {"deepseek", HostPreset::deepseek},     {"groq", HostPreset::groq},
      {"xai", HostPreset::xai},         {"perplexity", HostPreset::perplexity}, {"together", HostPreset::together},
      {"cohere", HostPreset::cohere},   {"ollama", HostPreset::ollama},         {"vllm", HostPreset::vllm}};
  HostPreset preset{};
  if (!fields.has("preset")) return;
  get_word(fields, "preset", preset, kPresets);
  provider.preset = preset;
}

void read_headers(Reading& reading, const yaml::Node& node, ProviderConfig& provider) {
  const std::string name = "'headers' of provider '" + provider.name + "'";
  if (node.kind == yaml::Kind::scalar || node.kind == yaml::Kind::list) {
    reading.unexpected(node, name, "a mapping", yaml::describe(node.kind));
  }
  for (const yaml::Entry& entry : node.entries) {
    if (const auto fault = fault_of_name(provider.headers, entry.key); !fault.empty()) {
      reading.mistake(entry.place, name + ": " + fault);
    }
    const std::string where = fmt::format("'{}' in {}", entry.key, name);
    const auto text = reading.scalar(*entry.value, where, "text");
    if (!text) continue;
    if (const auto fault = fault_of_value(provider.headers, entry.key, text->text); !fault.empty()) {
      reading.mistake(entry.value->place, where + ": " + fault);
    }
    provider.headers.emplace_back(entry.key, text->text);
  }
}

void check_key(const Fields& fields, const ProviderConfig& provider) {
  const bool own_account = provider.type != ProviderType::simulated && !provider.base_url.empty() &&
                           provider.base_url == default_base_url(provider.type);
  if (own_account && !fields.has("api_key") && !fields.has("api_keys") && !fields.has("token_command")) {
    fields.reading().mistake(fields.place(), fields.name() +
                                                 " has no 'api_key'; expected one, such as ${OPENAI_API_KEY}, "
                                                 "or none");
  }
}

void read_keys(Reading& reading, const Fields& fields, ProviderConfig& provider) {
  const yaml::Entry* entry = fields.find("api_keys");
  if (entry == nullptr) return;
  if (entry->value->kind != yaml::Kind::list || entry->value->items.empty()) {
    return fields.mistake("api_keys",
                          fields.where("api_keys") + ": expected a list such as [{name: work, key: ${WORK_KEY}}]");
  }
  if (fields.has("api_key"))
    fields.mistake("api_keys", fields.name() + " has both 'api_key' and 'api_keys'; expected one of them");
  for (const yaml::NodePtr& item : entry->value->items) {
    ProviderKey key;
    const std::string name = fmt::format("key {} of {}", provider.api_keys.size() + 1, fields.name());
    const Fields of(reading, *item, name, kProviderKeySection);
    for (const std::string_view required : {"name", "key"}) {
      if (!of.has(required)) reading.mistake(item->place, fmt::format("{} has no '{}'", name, required));
    }
    of.get("name", key.name, names::kNameExpected, [](std::string_view text) -> std::optional<std::string> {
      if (!names::is_name(text)) return std::nullopt;
      return std::string(text);
    });
    get_secret(of, "key", key.key);
    of.whole("weight", key.weight, 1, 1'000'000);
    const bool twice = std::any_of(provider.api_keys.begin(), provider.api_keys.end(),
                                   [&](const ProviderKey& other) { return other.name == key.name; });
    if (twice && of.has("name")) of.mistake("name", fmt::format("{} is called '{}' as another is", name, key.name));
    provider.api_keys.push_back(std::move(key));
  }
}

void read_token_command(Reading& reading, const Fields& fields, ProviderConfig& provider) {
  const yaml::Entry* entry = fields.find("token_command");
  if (entry == nullptr) return;
  for (const std::string_view other : {"api_key", "api_keys"}) {
    if (!fields.has(other)) continue;
    fields.mistake("token_command",
                   fmt::format("{} has both '{}' and 'token_command'; expected one of them", fields.name(), other));
  }
  const Fields of(reading, *entry->value, "'token_command' of " + fields.name(), kTokenCommandSection);
  TokenCommand& command = provider.token_command;
  const std::string expected = "a list such as [gcloud, auth, print-access-token]";
  for (const Fields::Item& item : of.texts("run", expected)) command.run.push_back(item.text.text);
  if (!of.has("run")) {
    reading.mistake(of.place(), of.name() + " has no 'run'; expected " + expected);
  } else if (command.run.empty() || command.run[0].empty()) {
    of.mistake("run", of.where("run") + ": expected " + expected);
  } else if (command.run[0].find('/') != std::string::npos) {
    doubt_file(of, "run", command.run[0]);
  }
  for (const auto& [key, length] :
       {std::pair<std::string_view, std::chrono::seconds*>("every", &command.every), {"timeout", &command.timeout}}) {
    of.get(key, *length, "a duration of whole seconds such as 10m or 1h, at least 1s",
           [](std::string_view text) -> std::optional<std::chrono::seconds> {
             const auto read = scalars::duration(text);
             if (!read || read->count() % 1000 != 0 || read->count() < 1000) return std::nullopt;
             return std::chrono::duration_cast<std::chrono::seconds>(*read);
           });
  }
}

ProviderConfig read_provider(Reading& reading, const yaml::Entry& entry) {
  ProviderConfig provider;
  provider.name = entry.key;
  const Fields fields(reading, *entry.value, "provider '" + entry.key + "'", kProviderSection);
  const bool has_type = read_type(fields, provider.type);
  read_base_url(fields, provider);
  read_api_version(fields, provider);
  read_preset(fields, provider);
  get_secret(fields, "api_key", provider.api_key);
  read_keys(reading, fields, provider);
  read_token_command(reading, fields, provider);
  get_secret(fields, "management_key", provider.management_key);
  if (has_type) check_key(fields, provider);
  fields.get("proxy", provider.proxy, names::kProxyExpected, [](std::string_view text) -> std::optional<std::string> {
    if (!text.empty() && !names::is_proxy(text)) return std::nullopt;
    return std::string(text);
  });
  fields.text("ca_file", provider.ca_file);
  doubt_file(fields, "ca_file", provider.ca_file);
  read_ask_usage(fields, provider.ask_usage);
  if (const yaml::Entry* headers = fields.find("headers")) read_headers(reading, *headers->value, provider);
  fields.get("catalogue_every", provider.catalogue_every, "a duration of whole seconds such as 10m or 1h; 0 for never",
             [](std::string_view text) -> std::optional<std::chrono::seconds> {
               const auto length = scalars::duration(text);
               if (!length || length->count() % 1000 != 0) return std::nullopt;
               return std::chrono::duration_cast<std::chrono::seconds>(*length);
             });
  return provider;
}

}  // namespace

const Section kProviderKeySection{"providers.NAME.api_keys[]", kProviderKeyKeys};
const Section kTokenCommandSection{"providers.NAME.token_command", kTokenCommandKeys};
const Section kProviderSection{
    "providers.NAME", kProviderKeys, {}, "Names are 1 to 64 letters, digits, `.`, `_` or `-`."};

void read_ask_usage(const Fields& fields, bool& ask) {
  static constexpr Word<bool> kAsk[] = {{"always", true}, {"never", false}};
  get_word(fields, "ask_usage", ask, kAsk);
}

void read_providers(Reading& reading, const yaml::Node& node, std::vector<ProviderConfig>& providers) {
  if (node.kind == yaml::Kind::scalar || node.kind == yaml::Kind::list) {
    reading.unexpected(node, "'providers'", "a mapping from names to providers", yaml::describe(node.kind));
  }
  for (const yaml::Entry& entry : node.entries) {
    if (!names::is_name(entry.key)) {
      reading.mistake(entry.place,
                      fmt::format("a provider's name: expected {}, found '{}'", names::kNameExpected, entry.key));
    }
    providers.push_back(read_provider(reading, entry));
  }
}

}  // namespace gateway
