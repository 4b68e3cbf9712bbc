#include "app/cli/first_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/unpriced_targets.h"
#include "app/values/moments.h"
#include "base/names.h"
#include "config/scalars.h"
#include "gateway/yaml_config.h"
#include "operations/config_words.h"

namespace gateway::app {
namespace {

// A scalar of YAML that is nothing but text.
std::string yaml_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + '\'';
}

bool is_variable(std::string_view name) {
  return !name.empty() && name.size() <= 128 && (name.front() < '0' || name.front() > '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

Result<std::string> prices_text(const FirstConfig& wanted) {
  if (!wanted.prices) return std::string();
  const std::vector<std::string> parts = split_list({*wanted.prices});
  if (parts.size() != 2 || !scalars::amount(parts[0]) || !scalars::amount(parts[1]))
    return usage_error("--prices: expected USD per million tokens of input and output, such as 0.15,0.60, found '" +
                       *wanted.prices + "'");
  return fmt::format(", prices: {{input: {}, output: {}}}", parts[0], parts[1]);
}

Result<std::string> spend_text(const FirstConfig& wanted) {
  if (!wanted.cap) return std::string("    # spend: {cap: 25.00, period: month, warn: [80]}   # USD\n");
  const std::size_t slash = std::min(wanted.cap->find('/'), wanted.cap->size());
  const std::string amount = wanted.cap->substr(0, slash);
  const std::string name = slash < wanted.cap->size() ? wanted.cap->substr(slash + 1) : "month";
  Period period{};
  if (!scalars::amount(amount) || !parse(name, period))
    return usage_error("--cap: expected USD such as 25 or 25/month, found '" + *wanted.cap + "'");
  return fmt::format("    spend: {{cap: {}, period: {}, warn: [80]}}   # USD\n", amount, name);
}

Result<void> check_names(const FirstConfig& wanted) {
  if (wanted.provider == ProviderType::azure && wanted.base_url.empty())
    return usage_error("--base-url: expected where Azure's resource is, such as https://NAME.openai.azure.com");
  const bool needs_key = wanted.provider != ProviderType::simulated;
  // What is found is not repeated: it may be a key.
  if (needs_key && !wanted.key_variable.empty() && !is_variable(wanted.key_variable))
    return usage_error("--key-env: expected the name of an environment variable such as OPENAI_API_KEY, never a key");
  if (!names::is_name(wanted.project)) {
    return usage_error(fmt::format("--project: expected {}, found '{}'", names::kNameExpected, wanted.project));
  }
  for (const auto& [flag, text] : {std::pair<std::string_view, const std::string&>("--model", wanted.model),
                                   {"--alias", wanted.alias},
                                   {"--base-url", wanted.base_url}}) {
    if (!is_one_line(text) || (text.empty() && flag != "--base-url"))
      return usage_error(fmt::format("{}: expected one line of text", flag));
    if (text.find("${") != std::string::npos) return usage_error(fmt::format("{}: expected no variable", flag));
  }
  return {};
}

}  // namespace

std::string usual_key_variable(ProviderType type) {
  switch (type) {
    case ProviderType::openai:
    case ProviderType::responses:
      return "OPENAI_API_KEY";
    case ProviderType::openrouter:
      return "OPENROUTER_API_KEY";
    case ProviderType::anthropic:
      return "ANTHROPIC_API_KEY";
    case ProviderType::gemini:
      return "GEMINI_API_KEY";
    case ProviderType::azure:
      return "AZURE_OPENAI_API_KEY";
    case ProviderType::simulated:
      break;
  }
  return {};
}

std::string usual_model(ProviderType type) {
  switch (type) {
    case ProviderType::openai:
      return "gpt-4o-mini";
    case ProviderType::openrouter:
      return "openai/gpt-4o-mini";
    case ProviderType::anthropic:
      return "claude-haiku-4-5";
    case ProviderType::gemini:
      return "gemini-2.5-flash";
    case ProviderType::azure:
      return "gpt-4o-mini";
    case ProviderType::responses:
      return "gpt-5-mini";
    case ProviderType::simulated:
      break;
  }
  return "simulated/echo";
}

Result<std::string> first_config_text(const FirstConfig& wanted) {
  if (auto sound = check_names(wanted); !sound) return sound.error();
  const auto prices = prices_text(wanted);
  if (!prices) return prices.error();
  const auto spend = spend_text(wanted);
  if (!spend) return spend.error();
  const std::string_view type = operations::word_of(wanted.provider);
  const bool has_key = wanted.provider != ProviderType::simulated;
  const std::string variable = wanted.key_variable.empty() ? "none" : "${" + wanted.key_variable + "}";
  std::string text = fmt::format(
      "# Model Gateway. 'gateway check' reports every mistake of this file; 'man gateway.yaml' explains every key.\n"
      "listen: 127.0.0.1:8080\n"
      "database: sqlite:gateway.db\n"
      "# admin_token: ${{GATEWAY_ADMIN_TOKEN}}   # turns the administration on\n\n"
      "providers:\n  {0}:\n    type: {0}\n",
      type);
  if (has_key) text += fmt::format("    api_key: {}   # of the environment: a key is never in this file\n", variable);
  if (!wanted.base_url.empty()) text += fmt::format("    base_url: {}\n", yaml_text(wanted.base_url));
  text += fmt::format(
      "\nmodels:\n  # What clients ask for, and which targets are tried for it, in this order.\n"
      "  {}:\n    targets:\n      - {{provider: {}, model: {}{}}}\n",
      yaml_text(wanted.alias), type, yaml_text(wanted.model), *prices);
  if (wanted.provider == ProviderType::openrouter)
    text +=
        "  # All others under the provider's own names, at the prices of its list.\n"
        "  \"*\":\n    targets: [{provider: openrouter}]\n";
  text += fmt::format(
      "\nprojects:\n  # 'gateway key create --project {0}' makes a key of it.\n  {0}:\n"
      "    limits: {{requests_per_minute: 600, concurrent: 50}}\n",
      wanted.project);
  text += *spend;
  // Any value will do for the variable: the file alone is checked.
  ConfigReading reading =
      read_config_text(text, "the file", [](const std::string&) { return std::optional<std::string>("set"); });
  if (reading.mistakes.empty()) {
    for (ConfigMistake& warning : unpriced_targets(reading)) reading.warnings.push_back(std::move(warning));
  }
  for (const auto* found : {&reading.mistakes, &reading.warnings}) {
    if (!found->empty()) return Error{ErrorCode::refused, found->front().message};
  }
  return text;
}

}  // namespace gateway::app
