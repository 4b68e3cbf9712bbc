#include "app/render/config.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "app/render/json.h"
#include "app/render/price_view.h"
#include "app/render/project_view.h"
#include "operations/config_words.h"
#include "policy/routing/strategies.h"
#include "providers/length_field.h"

namespace gateway::app {
namespace {

using json::Object;

std::string texts(const std::vector<std::string>& values) {
  std::vector<std::string> out;
  for (const std::string& value : values) out.push_back(json::text(value));
  return json::list(out);
}

std::string text_or_null(std::string_view value) { return value.empty() ? json::null() : json::text(value); }
template <class Enum>
std::string word_or_null(const std::optional<Enum>& value) {
  return value ? json::text(operations::word_of(*value)) : json::null();
}
std::string secret(const Secret& value) { return text_or_null(value.reveal()); }  // hidden already

// As the file has it: "1500ms".
std::string length(std::chrono::milliseconds value) { return json::text(fmt::format("{}ms", value.count())); }

std::string ask_usage(bool always) { return json::text(always ? "always" : "never"); }

std::string timeouts_json(const Timeouts& timeouts) {
  return Object()
      .add("connect", length(timeouts.connect))
      .add("first_byte", length(timeouts.first_byte))
      .add("idle", length(timeouts.idle))
      .add("total", length(timeouts.total))
      .str();
}

std::string token_command_json(const TokenCommand& command) {
  std::vector<std::string> run;
  for (const std::string& each : command.run) run.push_back(json::text(each));
  return Object()
      .add("run", json::list(run))
      .add("every", json::text(fmt::format("{}s", command.every.count())))
      .add("timeout", json::text(fmt::format("{}s", command.timeout.count())))
      .str();
}

std::string provider_json(const ProviderConfig& provider) {
  Object headers;
  for (const auto& [name, value] : provider.headers) headers.add(name, json::text(value));
  std::vector<std::string> keys;
  for (const ProviderKey& each : provider.api_keys) {
    keys.push_back(Object()
                       .add("name", json::text(each.name))
                       .add("key", secret(each.key))
                       .add("weight", json::number(each.weight))
                       .str());
  }
  return Object()
      .add("type", json::text(operations::word_of(provider.type)))
      .add("base_url", text_or_null(provider.base_url))
      .add("api_version", text_or_null(provider.api_version))
      .add("preset", word_or_null(provider.preset))
      .add("api_key", secret(provider.api_key))
      .add("api_keys", json::list(keys))
      .add("token_command",
           provider.token_command.run.empty() ? json::null() : token_command_json(provider.token_command))
      .add("management_key", secret(provider.management_key))
      .add("proxy", text_or_null(provider.proxy))
      .add("ca_file", text_or_null(provider.ca_file))
      .add("headers", headers.str())
      .add("ask_usage", ask_usage(provider.ask_usage))
      .add("catalogue_every", json::text(fmt::format("{}s", provider.catalogue_every.count())))
      .str();
}

std::string identity_json(const Identity& identity) { return json::text(operations::word_of(identity)); }

std::string canary_json(const Canary& canary) {
  return Object()
      .add("percent", operations::percent_text(canary))
      .add("by", json::optional(canary.by, identity_json))
      .str();
}

std::string can_json(std::uint8_t can) { return texts(operations::ability_words(can)); }

std::string values_json(const Condition::NamedValues& values) {
  Object out;
  for (const auto& [name, value] : values) out.add(name, json::text(value));
  return out.str();
}

std::string hours_json(const std::pair<int, int>& minutes) { return json::text(operations::hours_text(minutes)); }

std::string condition_json(const Condition& when) {
  return Object()
      .add("projects", texts(when.projects))
      .add("keys", texts(when.keys))
      .add("header", values_json(when.headers))
      .add("metadata", values_json(when.metadata))
      .add("tags", texts(when.tags))
      .add("input_tokens_over", json::optional(when.input_tokens_over, json::number))
      .add("input_tokens_under", json::optional(when.input_tokens_under, json::number))
      .add("hours", json::optional(when.minutes, hours_json))
      .str();
}

std::string target_json(const TargetConfig& target) {
  return Object()
      .add("provider", json::text(target.provider))
      .add("model", text_or_null(target.model))
      .add("strip", text_or_null(target.strip))
      .add("weight", json::number(target.weight))
      .add("prices", json::optional(target.prices, prices_json))
      .add("max_output_tokens", json::optional(target.max_output_tokens, json::number))
      .add("timeouts", json::optional(target.timeouts, timeouts_json))
      .add("length_field", target.length_field ? json::text(to_string(*target.length_field)) : json::null())
      .add("ask_usage", json::optional(target.ask_usage, ask_usage))
      .add("thinking", word_or_null(target.abilities.thinking))
      .add("sampling", word_or_null(target.abilities.sampling))
      .add("schemas", json::optional(target.abilities.schemas, json::boolean))
      .add("when", json::optional(target.when, condition_json))
      .add("canary", json::optional(target.canary, canary_json))
      .add("can", json::optional(target.can, can_json))
      .add("context_length", json::optional(target.context_length, json::number))
      .str();
}

// Of the targets from place `first` on, which counts from 0.
std::string groups_json(const std::vector<TargetGroup>& groups) {
  std::vector<std::string> out;
  for (const TargetGroup& group : groups) {
    out.push_back(Object()
                      .add("first", json::number(static_cast<std::int64_t>(group.first)))
                      .add("count", json::number(static_cast<std::int64_t>(group.count)))
                      .add("strategy", json::text(to_string(group.strategy)))
                      .add("weight", json::number(group.weight))
                      .add("when", json::optional(group.when, condition_json))
                      .add("canary", json::optional(group.canary, canary_json))
                      .add("groups", groups_json(group.groups))
                      .str());
  }
  return json::list(out);
}

std::string hedge_json(const HedgeConfig& hedge) {
  return Object().add("after", json::text(operations::after_text(hedge))).add("most", json::number(hedge.most)).str();
}

std::string outliers_json(const OutlierConfig& outliers) {
  return Object()
      .add("errors_over", fmt::format("{}", outliers.errors_over))
      .add("slower_than", fmt::format("{}", outliers.slower_than))
      .add("least_attempts", json::number(outliers.least_attempts))
      .add("rest", length(outliers.rest))
      .add("longest_rest", length(outliers.longest_rest))
      .add("at_most", fmt::format("{}", outliers.at_most))
      .str();
}

std::string route_json(const RouteConfig& route) {
  std::vector<std::string> targets;
  for (const TargetConfig& target : route.targets) targets.push_back(target_json(target));
  return Object()
      .add("strategy", json::text(to_string(route.strategy)))
      .add("sticky", json::optional(route.sticky, identity_json))
      .add("hedge", json::optional(route.hedge, hedge_json))
      .add("targets", json::list(targets))
      .add("groups", groups_json(route.groups))
      .str();
}

std::string retry_json(const RetryConfig& retry) {
  return Object()
      .add("max_attempts", json::number(retry.max_attempts))
      .add("on", texts(operations::retry_words(retry)))
      .add("budget", fmt::format("{}", retry.budget))
      .add("max_wait", length(retry.max_wait))
      .str();
}

std::string server_json(const ServerConfig& server) {
  const TlsConfig& tls = server.tls;
  const std::string tls_json =
      Object().add("certificate", json::text(tls.certificate)).add("key", json::text(tls.key)).str();
  return Object()
      .add("max_connections", json::number(server.max_connections))
      .add("max_connections_per_address", json::number(server.max_connections_per_address))
      .add("max_in_flight", json::number(server.max_in_flight))
      .add("max_head", json::number(server.max_head))
      .add("max_body", json::number(server.max_body))
      .add("max_upload", json::number(server.max_upload))
      .add("max_buffered", json::number(server.max_buffered))
      .add("max_event", json::number(server.max_event))
      .add("max_answer", json::number(server.max_answer))
      .add("max_connection_memory", json::number(server.max_connection_memory))
      .add("min_body_rate", json::number(server.min_body_rate))
      .add("head_timeout", length(server.head_timeout))
      .add("body_timeout", length(server.body_timeout))
      .add("keep_alive", length(server.keep_alive))
      .add("drain_delay", length(server.drain_delay))
      .add("drain", length(server.drain))
      .add("cors_origins", texts(server.cors_origins))
      .add("tls", tls.certificate.empty() ? json::null() : tls_json)
      .str();
}

std::string mcp_json(const McpConfig& mcp) {
  const std::vector<std::string> write = mcp.write_keys ? std::vector<std::string>{"keys"} : std::vector<std::string>{};
  return Object()
      .add("enabled", json::boolean(mcp.enabled))
      .add("write", texts(write))
      .add("origins", texts(mcp.origins))
      .str();
}

std::string spend_json(const SpendConfig& spend) {
  std::vector<std::string> caps;
  for (const SpendCap& cap : spend.caps) {
    std::vector<std::string> warn;
    for (const int percent : cap.warn_percent) warn.push_back(json::number(percent));
    caps.push_back(Object()
                       .add("cap", json::money(cap.cap))
                       .add("period", json::text(to_string(cap.period)))
                       .add("warn", json::list(warn))
                       .str());
  }
  return json::list(caps);
}

std::string project_json(const ProjectConfig& project) {
  const SpendConfig& spend = project.spend;
  return Object()
      .add("models", texts(project.models))
      .add("limits", limits_json(project.limits))
      .add("spend", spend_json(spend))
      .add("mode", json::text(to_string(spend.mode)))
      .add("timezone", json::text(spend.timezone))
      .add("unpriced", json::text(spend.allow_unpriced ? "allow" : "refuse"))
      .str();
}

}  // namespace

std::string config_json(const operations::ConfigInForce& shown) {
  const Config& config = shown.config;
  Object providers, models, projects;
  for (const ProviderConfig& provider : config.providers) providers.add(provider.name, provider_json(provider));
  for (const RouteConfig& route : config.routes) models.add(route.pattern, route_json(route));
  for (const ProjectConfig& project : config.projects) projects.add(project.name, project_json(project));
  std::vector<std::string> tokens;
  for (const AdminToken& token : config.admin_tokens) {
    tokens.push_back(Object()
                         .add("name", json::text(token.name))
                         .add("token", secret(token.token))
                         .add("role", json::text(token.role == AdminRole::write ? "write" : "read"))
                         .str());
  }
  return Object()
      .add("file", text_or_null(shown.path))
      .add("listen", texts(config.listen))
      .add("workers", json::number(config.workers))
      .add("database", json::text(shown.database))
      .add("journals", text_or_null(config.journals))
      .add("durability", json::text(config.durability == Durability::power ? "power" : "process"))
      .add("admin", Object().add("listen", texts(config.admin_listen)).add("token", secret(config.admin_token)).str())
      .add("admin_tokens", json::list(tokens))
      .add("dashboard", json::boolean(config.dashboard))
      .add("reconcile", Object()
                            .add("nightly", json::boolean(config.reconcile.nightly))
                            .add("book", json::boolean(config.reconcile.book))
                            .str())
      .add("metrics",
           Object().add("listen", texts(config.metrics.listen)).add("token", secret(config.metrics.token)).str())
      .add("mcp", mcp_json(config.mcp))
      .add("providers", providers.str())
      .add("models", models.str())
      .add("retry", retry_json(config.retry))
      .add("outliers", outliers_json(config.outliers))
      .add("server", server_json(config.server))
      .add("timeouts", timeouts_json(config.timeouts))
      .add("projects", projects.str())
      .add("surfaces", Object().add("insforge", json::boolean(config.insforge)).str())
      .add("route_header", json::boolean(config.route_header))
      .add("log_bodies", json::boolean(config.log_bodies))
      .str();
}

}  // namespace gateway::app
