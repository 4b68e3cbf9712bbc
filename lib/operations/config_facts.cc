#include "operations/config_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>

#include "base/fault_list.h"
#include "operations/config_words.h"
#include "operations/price_text.h"
#include "policy/routing/strategies.h"
#include "providers/length_field.h"

namespace gateway::operations {
namespace {

std::string text_of(std::chrono::milliseconds time) {
  const auto ms = time.count();
  if (ms == 0) return "0s";
  if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
  return ms % 1000 == 0 ? fmt::format("{}s", ms / 1000) : fmt::format("{}ms", ms);
}
std::string text_of(bool value) { return value ? "yes" : "no"; }
std::string text_of(std::int64_t value) { return std::to_string(value); }
std::string text_of(const std::optional<std::int64_t>& value) { return value ? std::to_string(*value) : "none"; }
std::string text_of(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, ", ")); }
std::string url_text(const std::string& url) { return std::string(may_hold_secret(url) ? kHiddenUrl : url); }

std::string name_of(const TargetConfig& target) {
  return target.model.empty() ? target.provider : target.provider + " " + target.model;
}

struct FactList {
  std::vector<Fact> facts{};
  std::string subject{};

  void add(std::string name, std::string value) { facts.push_back({subject, std::move(name), std::move(value)}); }
  void add_secret(std::string name, const Secret& secret) { facts.push_back({subject, std::move(name), "", secret}); }

  void add(const Timeouts& times) {
    add("time to connect", text_of(times.connect));
    add("time to the first byte", text_of(times.first_byte));
    add("time between two events", text_of(times.idle));
    add("time in all", text_of(times.total));
  }

  void add(const Prices& prices, const std::string& condition) {
    for (const PriceFigure& figure : kPriceFigures) {
      if (!(prices.*figure.figure)) continue;
      add(fmt::format("price of {}{}", figure.name, condition),
          fmt::format("{} {}", shown(figure, prices), unit_of(figure)));
    }
    for (const ServiceTier& tier : prices.service_tiers)
      add(fmt::format("price of tier {}{}", tier.name, condition), fmt::format("{} millionths", tier.millionths));
    for (const PriceOverride& rule : prices.overrides) add(rule.prices, " " + condition_text(rule));
  }

  void add(const ProviderConfig& provider) {
    subject = "provider " + provider.name;
    add("type", std::string(word_of(provider.type)));
    add("base URL",
        url_text(provider.base_url.empty() ? std::string(default_base_url(provider.type)) : provider.base_url));
    add_secret("API key", provider.api_key);
    for (const ProviderKey& each : provider.api_keys) {
      add_secret("API key " + each.name, each.key);
      add("weight of API key " + each.name, text_of(std::int64_t{each.weight}));
    }
    const TokenCommand& command = provider.token_command;
    if (!command.run.empty()) {
      add("token command", command.run[0]);
      std::string arguments;
      for (const std::string& each : command.run) arguments.append(each).push_back('\n');
      add_secret("arguments of its token command", Secret(arguments));
      add("its token is made every", text_of(std::chrono::milliseconds(command.every)));
      add("time to make a token", text_of(std::chrono::milliseconds(command.timeout)));
    }
    add("API version", provider.api_version);
    if (provider.preset) add("habits", std::string(word_of(*provider.preset)));
    add_secret("management key", provider.management_key);
    if (may_hold_secret(provider.base_url)) add_secret("what its URL holds", Secret(provider.base_url));
    add("proxy", url_text(provider.proxy));
    add("CA file", provider.ca_file);
    for (const auto& [name, value] : provider.headers) add_secret("header " + name, Secret(value));
    add("usage is asked for", text_of(provider.ask_usage));
    add("its list is fetched every", text_of(std::chrono::milliseconds(provider.catalogue_every)));
  }

  void add(const TargetConfig& target, const std::string& route) {
    subject = fmt::format("model {}, target {}", route, name_of(target));
    add("weight", text_of(std::int64_t{target.weight}));
    add("strips", target.strip);
    add_place(target.when, target.canary);
    if (target.can) add("can", text_of(ability_words(*target.can)));
    add("context length", text_of(target.context_length));
    add("longest answer", text_of(target.max_output_tokens));
    if (target.prices) add(*target.prices, "");
    add("name of its prices", target.price_version);
    if (target.timeouts) add(*target.timeouts);
    if (target.length_field) add("field of the length", std::string(to_string(*target.length_field)));
    if (target.ask_usage) add("usage is asked for", text_of(*target.ask_usage));
    const ModelAbilities& abilities = target.abilities;
    if (abilities.thinking) add("thinking", std::string(word_of(*abilities.thinking)));
    if (abilities.sampling) add("sampling", std::string(word_of(*abilities.sampling)));
    if (abilities.schemas) add("schemas", text_of(*abilities.schemas));
  }

  // Which requests a target or a group is for.
  void add_place(const std::optional<Condition>& when, const std::optional<Canary>& canary) {
    if (when) add("when", condition_text(*when));
    if (!canary) return;
    add("share of requests", percent_text(*canary) + " %");
    if (canary->by) add("share by", word_of(*canary->by));
  }

  void add(const TargetGroup& group, const RouteConfig& route, const std::string& place) {
    subject = fmt::format("model {}, group {}", route.pattern, place);
    add("strategy", std::string(to_string(group.strategy)));
    add("weight", text_of(std::int64_t{group.weight}));
    add_place(group.when, group.canary);
    std::vector<std::string> names;
    for (std::size_t i = group.first; i < group.first + group.count; ++i) names.push_back(name_of(route.targets.at(i)));
    add("targets", text_of(names));
    int number = 0;
    for (const TargetGroup& inner : group.groups) add(inner, route, fmt::format("{}.{}", place, ++number));
  }

  void add(const RouteConfig& route) {
    subject = "model " + route.pattern;
    add("strategy", std::string(to_string(route.strategy)));
    std::vector<std::string> names;
    for (const TargetConfig& target : route.targets) names.push_back(name_of(target));
    add("order of targets", text_of(names));
    if (route.sticky) add("sticky", word_of(*route.sticky));
    if (route.hedge) {
      add("hedges after", after_text(*route.hedge));
      add("hedges of a request", text_of(std::int64_t{route.hedge->most}));
    }
    int number = 0;
    for (const TargetGroup& group : route.groups) add(group, route, fmt::format("{}", ++number));
    for (const TargetConfig& target : route.targets) add(target, route.pattern);
  }

  void add(const ProjectConfig& project) {
    subject = "project " + project.name;
    add("models", project.models.empty() ? "all" : text_of(project.models));
    add("requests a minute", text_of(project.limits.requests_per_minute));
    add("tokens a minute", text_of(project.limits.tokens_per_minute));
    add("requests at a time", text_of(project.limits.concurrent));
    add("longest answer", text_of(project.limits.max_output_tokens));
    for (const SpendCap& cap : project.spend.caps) {
      const std::string period(to_string(cap.period));
      add("cap per " + period, cap.cap.to_string() + " USD");
      add("warnings per " + period, fmt::format("{}", fmt::join(cap.warn_percent, ", ")));
    }
    add("spend mode", std::string(to_string(project.spend.mode)));
    add("time zone", project.spend.timezone);
    add("models without a price", project.spend.allow_unpriced ? "allowed" : "refused");
  }

  void add(const RetryConfig& retry) {
    subject = "retries";
    add("attempts", text_of(std::int64_t{retry.max_attempts}));
    add("after", text_of(retry_words(retry)));
    add("budget", fmt::format("{}", retry.budget));
    add("longest wait", text_of(retry.max_wait));
  }

  void add(const OutlierConfig& outliers) {
    subject = "outliers";
    add("failures over the others'", fmt::format("{}", outliers.errors_over));
    add("slower than the others", fmt::format("{}", outliers.slower_than));
    add("attempts to be judged by", text_of(outliers.least_attempts));
    add("rest", text_of(outliers.rest));
    add("longest rest", text_of(outliers.longest_rest));
    add("share that may rest", fmt::format("{}", outliers.at_most));
  }

  void add(const ServerConfig& server) {
    subject = "server";
    add("connections", text_of(server.max_connections));
    add("connections of one address", text_of(server.max_connections_per_address));
    add("requests in flight", text_of(server.max_in_flight));
    add("bytes of a head", text_of(server.max_head));
    add("bytes of a body", text_of(server.max_body));
    add("bytes of a form", text_of(server.max_upload));
    add("bytes of all bodies", text_of(server.max_buffered));
    add("bytes of an event", text_of(server.max_event));
    add("bytes of an answer", text_of(server.max_answer));
    add("bytes of connections", text_of(server.max_connection_memory));
    add("bytes of a body a second", text_of(server.min_body_rate));
    add("time for a head", text_of(server.head_timeout));
    add("time for a body", text_of(server.body_timeout));
    add("time of an idle connection", text_of(server.keep_alive));
    add("time before draining", text_of(server.drain_delay));
    add("time to drain", text_of(server.drain));
    add("origins of browsers", text_of(server.cors_origins));
    add("certificate", server.tls.certificate);
    add("certificate's key file", server.tls.key);
  }

  void add_itself(const Config& config) {
    subject.clear();
    add("addresses", text_of(config.listen));
    add("workers", text_of(std::int64_t{config.workers}));
    add("database", url_text(config.database));
    add("journals", config.journals);
    add("durability", config.durability == Durability::power ? "power" : "process");
    add_secret("admin token", config.admin_token);
    for (const AdminToken& token : config.admin_tokens) {
      add("admin token " + token.name + " may", token.role == AdminRole::write ? "write" : "read");
      add_secret("admin token " + token.name, token.token);
    }
    add("administration's addresses", text_of(config.admin_listen));
    add("dashboard", text_of(config.dashboard));
    add("metrics' addresses", text_of(config.metrics.listen));
    add_secret("metrics' token", config.metrics.token);
    add("nightly reconciliation", text_of(config.reconcile.nightly));
    add("books what it finds", text_of(config.reconcile.book));
    add("MCP", text_of(config.mcp.enabled));
    add("MCP writes keys", text_of(config.mcp.write_keys));
    add("MCP's origins", text_of(config.mcp.origins));
    add("InsForge's paths", text_of(config.insforge));
    add("route in answers", text_of(config.route_header));
    add("bodies in the log", text_of(config.log_bodies));
  }
};

}  // namespace

std::vector<Fact> facts_of(const Config& config) {
  FactList list;
  list.add_itself(config);
  for (const ProviderConfig& each : config.providers) list.add(each);
  for (const RouteConfig& each : config.routes) list.add(each);
  list.add(config.retry);
  list.add(config.outliers);
  list.subject = "time limits";
  list.add(config.timeouts);
  list.add(config.server);
  for (const ProjectConfig& each : config.projects) list.add(each);
  return std::move(list.facts);
}

}  // namespace gateway::operations
