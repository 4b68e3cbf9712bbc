#include "base/config_check.h"

#include <algorithm>
#include <utility>

#include "base/fault_list.h"
#include "base/names.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;

void check_timeouts(const Timeouts& timeouts, const FaultList& faults) {
  faults.duration("connect", timeouts.connect, milliseconds(1));
  faults.duration("first_byte", timeouts.first_byte, milliseconds(1));
  faults.duration("idle", timeouts.idle, milliseconds(1));
  faults.duration("total", timeouts.total, milliseconds(1));
}

void check_server(const ServerConfig& server, const FaultList& faults) {
  faults.whole("max_connections", server.max_connections, 1, 10'000'000);
  faults.whole("max_connections_per_address", server.max_connections_per_address, 0, 10'000'000);
  faults.whole("max_in_flight", server.max_in_flight, 1, 10'000'000);
  // A file's least sizes are larger: there a small one is a slip.
  faults.bytes("max_head", server.max_head, 1);
  faults.bytes("max_body", server.max_body, 1);
  faults.bytes("max_upload", server.max_upload, 1);
  faults.bytes("max_buffered", server.max_buffered, 1);
  if (server.max_buffered < server.max_body) {
    faults.add("max_buffered", "'max_buffered' in server is less than 'max_body'; expected room for at least one body");
  }
  faults.duration("head_timeout", server.head_timeout, milliseconds(1));
  faults.duration("body_timeout", server.body_timeout, milliseconds(1));
  faults.duration("keep_alive", server.keep_alive, milliseconds(1));
  faults.duration("drain", server.drain, milliseconds(0));
  if (server.tls.certificate.empty() != server.tls.key.empty()) {
    faults.add("tls", "server.tls needs both 'certificate' and 'key'; expected two PEM files");
  }
}

void check_outliers(const OutlierConfig& outliers, const FaultList& faults) {
  for (const auto& [key, share] : {std::pair("errors_over", outliers.errors_over), {"at_most", outliers.at_most}}) {
    if (!(share >= 0 && share <= 1)) faults.unexpected(key, "a share from 0 to 1, such as 0.2", std::to_string(share));
  }
  if (!(outliers.slower_than >= 0 && outliers.slower_than <= 1000)) {
    faults.unexpected("slower_than", "a number from 0 to 1000, such as 3 or 2.5", std::to_string(outliers.slower_than));
  }
  faults.whole("least_attempts", outliers.least_attempts, 1, 1'000'000);
  faults.duration("rest", outliers.rest, milliseconds(1));
  faults.duration("longest_rest", outliers.longest_rest, milliseconds(1));
}

void check_figures(const Prices& prices, const FaultList& faults) {
  const auto figure = [&](std::string_view key, const std::optional<Money>& money, std::string_view unit) {
    if (money && money->is_negative()) {
      faults.unexpected(key, "USD per " + std::string(unit) + ", not negative", money->to_string());
    }
  };
  figure("input", prices.input, "token");
  figure("output", prices.output, "token");
  figure("cached_input", prices.cached_input, "token");
  figure("cache_write", prices.cache_write, "token");
  figure("reasoning", prices.reasoning, "token");
  figure("request", prices.request, "request");
  figure("image", prices.image, "image");
  figure("audio", prices.audio, "audio");
  figure("image_output_each", prices.image_output_each, "image");
  figure("audio_second", prices.audio_second, "second");
  figure("character", prices.character, "character");
}

void check_prices(const Prices& prices, const FaultList& faults) {
  check_figures(prices, faults);
  for (std::size_t i = 0; i < prices.overrides.size(); ++i) {
    const PriceOverride& each = prices.overrides[i];
    const std::string name = "override " + std::to_string(i + 1) + " of " + faults.name();
    const FaultList part = faults.part({"overrides", std::to_string(i)}, name);
    part.whole("min_prompt_tokens", each.min_prompt_tokens, 0, kMaxWhole);
    if (each.utc_start_minute.has_value() != each.utc_end_minute.has_value()) {
      part.add(name + " needs both 'utc_start' and 'utc_end', or neither");
    }
    for (const auto& [key, minute] :
         {std::pair("utc_start", each.utc_start_minute), {"utc_end", each.utc_end_minute}}) {
      if (minute) part.whole(key, *minute, 0, 24 * 60 - 1);
    }
    check_figures(each.prices, part);
  }
}

void check_target(const TargetConfig& target, const RouteConfig& route, const Config& config, const FaultList& faults) {
  const bool known = std::any_of(config.providers.begin(), config.providers.end(),
                                 [&](const ProviderConfig& provider) { return provider.name == target.provider; });
  if (!known) {
    faults.add("provider", faults.name() + " names provider '" + target.provider + "', which is not under 'providers'");
  }
  if (!target.model.empty() && !names::is_model(target.model)) {
    faults.unexpected("model", names::kModelExpected, target.model);
  }
  const std::string_view prefix = std::string_view(route.pattern).substr(0, route.pattern.size() - 1);
  const bool strips = route.pattern == "*" || (route.pattern.ends_with('*') && prefix.starts_with(target.strip));
  if (!target.strip.empty() && !strips) {
    faults.add("strip", "'strip' in " + faults.name() + ": no name that '" + route.pattern +
                            "' stands for begins with '" + target.strip + "'");
  } else if (!target.strip.empty() && !target.model.empty()) {
    faults.add("strip", faults.name() + " has both 'model' and 'strip'; expected one of them");
  }
  faults.whole("weight", target.weight, 1, 1'000'000);
  faults.whole("context_length", target.context_length, 1, kMaxWhole);
  if (target.canary) faults.whole("canary", target.canary->hundredths, 0, 10'000);
  faults.whole("max_output_tokens", target.max_output_tokens, 1, kMaxWhole);
  if (target.prices) check_prices(*target.prices, faults.part({"prices"}, faults.where("prices")));
  if (target.timeouts) check_timeouts(*target.timeouts, faults.part({"timeouts"}, faults.where("timeouts")));
}

// One for each key of its provider.
std::size_t count_targets(const RouteConfig& route, const Config& config) {
  std::size_t count = 0;
  for (const TargetConfig& target : route.targets) {
    const auto provider = std::find_if(config.providers.begin(), config.providers.end(),
                                       [&](const ProviderConfig& each) { return each.name == target.provider; });
    count += provider == config.providers.end() ? 1 : std::max<std::size_t>(1, provider->api_keys.size());
  }
  return count;
}

// Each within the one around it, and after the one before it.
void check_groups(const std::vector<TargetGroup>& groups, std::pair<std::size_t, std::size_t> around, std::size_t depth,
                  const FaultList& faults) {
  if (!groups.empty() && depth == kMaxGroupDepth) {
    return faults.add(faults.name() + ": groups are nested more than " + std::to_string(kMaxGroupDepth) + " deep");
  }
  std::size_t from = around.first;
  for (const TargetGroup& group : groups) {
    const bool fits = group.first >= from && group.count > 0 && group.first <= around.second &&
                      group.count <= around.second - group.first;
    if (!fits) return faults.add(faults.name() + ": its groups are not of targets that follow each other");
    faults.whole("weight", group.weight, 1, 1'000'000);
    from = group.first + group.count;
    check_groups(group.groups, {group.first, from}, depth + 1, faults);
  }
}

}  // namespace

void check_providers(const std::vector<ProviderConfig>& providers, std::vector<ConfigFault>& faults) {
  UniqueNames unique;
  for (const ProviderConfig& provider : providers) {
    const FaultList part(faults, {"providers", provider.name}, "provider '" + provider.name + "'");
    unique.add(part, provider.name);
    if (!names::is_name(provider.name)) {
      part.add("a provider's name: expected " + std::string(names::kNameExpected) + ", found '" + provider.name + "'");
    }
    UniqueNames keys;
    for (const ProviderKey& key : provider.api_keys) {
      const FaultList of = part.part({"api_keys"}, "key '" + key.name + "' of " + part.name());
      keys.add(of, key.name);
      if (!names::is_name(key.name)) of.unexpected("name", names::kNameExpected, key.name);
      of.whole("weight", key.weight, 1, 1'000'000);
    }
    if (!provider.api_keys.empty() && !provider.api_key.empty()) {
      part.add("api_keys", part.name() + " has both 'api_key' and 'api_keys'; expected one of them");
    }
    if (!provider.base_url.empty() && !names::is_base_url(provider.base_url)) {
      part.unexpected("base_url", names::kUrlExpected, provider.base_url);
    }
    if (!provider.proxy.empty() && !names::is_proxy(provider.proxy)) {
      part.add("proxy", part.where("proxy") + ": expected " + names::kProxyExpected);
    }
    if (provider.catalogue_every.count() < 0) {
      part.unexpected("catalogue_every", "a duration of whole seconds such as 10m or 1h; 0 for never",
                      std::to_string(provider.catalogue_every.count()) + "s");
    }
  }
}

void check_routes(const Config& config, std::vector<ConfigFault>& faults) {
  UniqueNames unique;
  for (const RouteConfig& route : config.routes) {
    const FaultList part(faults, {"models", route.pattern}, "model '" + route.pattern + "'");
    unique.add(part, route.pattern);
    if (!names::is_pattern(route.pattern)) {
      part.add("under 'models': expected " + std::string(names::kPatternExpected) + ", found '" + route.pattern + "'");
    }
    if (route.sticky && route.strategy != Strategy::weighted) {
      part.add("sticky", part.where("sticky") + " needs the strategy weighted");
    }
    if (route.hedge) {
      const FaultList hedge = part.part({"hedge"}, part.where("hedge"));
      if (route.hedge->after) hedge.duration("after", *route.hedge->after, milliseconds(1));
      hedge.whole("percentile", route.hedge->percentile, 50, 99);
      hedge.whole("most", route.hedge->most, 1, 10);
    }
    if (const std::size_t count = count_targets(route, config); count > kMaxTargets) {
      part.add(part.name() + " has " + std::to_string(count) + " targets, one for each key; expected at most " +
               std::to_string(kMaxTargets));
    }
    check_groups(route.groups, {0, route.targets.size()}, 0, part);
    if (route.targets.empty()) {
      part.add(part.name() + " has no 'targets'; expected a list such as [{provider: openrouter}]");
    }
    for (std::size_t i = 0; i < route.targets.size(); ++i) {
      const std::string name = "target " + std::to_string(i + 1) + " of " + part.name();
      check_target(route.targets[i], route, config, part.part({"targets", std::to_string(i)}, name));
    }
  }
}

Result<void> expect_sound(const Config& config) {
  const std::vector<ConfigFault> faults = check_config(config);
  if (faults.empty()) return {};
  std::string detail = faults.front().message;
  if (faults.size() > 1) detail += "; and " + std::to_string(faults.size() - 1) + " more";
  return Error{ErrorCode::invalid, std::move(detail)};
}

std::vector<ConfigFault> check_config(const Config& config) {
  std::vector<ConfigFault> faults;
  const FaultList root(faults, {}, "the configuration");
  root.whole("workers", config.workers, 0, 1024);
  for (const std::string& address : config.listen) {
    if (!names::is_listen_address(address)) root.unexpected("listen", names::kListenExpected, address);
  }
  const FaultList retry = root.part({"retry"}, "retry");
  retry.whole("max_attempts", config.retry.max_attempts, 1, 100);
  if (!(config.retry.budget >= 0 && config.retry.budget <= 1)) {
    retry.unexpected("budget", "a share from 0 to 1, such as 0.2", std::to_string(config.retry.budget));
  }
  check_outliers(config.outliers, root.part({"outliers"}, "outliers"));
  check_server(config.server, root.part({"server"}, "server"));
  check_timeouts(config.timeouts, root.part({"timeouts"}, "timeouts"));
  check_providers(config.providers, faults);
  check_routes(config, faults);
  check_projects(config.projects, faults);
  return faults;
}

}  // namespace gateway
