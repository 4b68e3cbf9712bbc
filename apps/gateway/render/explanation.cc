#include "app/render/explanation.h"

#include <vector>

#include "app/render/json.h"
#include "app/render/price_view.h"
#include "operations/config_words.h"
#include "policy/routing/provider_keys.h"
#include "policy/routing/strategies.h"

namespace gateway::app {
namespace {

using operations::ExplainedTarget;
using operations::Explanation;

std::string target_json(const ExplainedTarget& each, std::size_t order) {
  const auto [provider, key] = split_keyed(each.target->provider);
  return json::Object()
      .add("order", json::number(static_cast<std::int64_t>(order)))
      .add("asked", json::text(each.asked))
      .add("provider", json::text(provider))
      .add("key", key.empty() ? json::null() : json::text(key))
      .add("model", json::text(each.model))
      .add("prices", each.price.prices ? prices_json(*each.price.prices) : json::null())
      .add("price_version", each.price.prices ? json::text(each.price.version) : json::null())
      .add("hold", json::money(each.plan.hold))
      .add("output_bound", json::number(each.plan.output_bound))
      .add("writes_max_tokens", json::optional(each.plan.write_max_tokens, json::number))
      .add("rests_ms", json::number(each.rests_for.count()))
      .add("first_event_ms", each.first_event.count() > 0 ? json::number(each.first_event.count()) : json::null())
      .add("in_flight", json::number(each.in_flight))
      .add("outlier", each.outlier != Outlier::none ? json::text(to_string(each.outlier)) : json::null())
      .add("outlier_ms", json::number(each.last_for.count()))
      .add("hedged_after_ms", each.hedged_after.count() > 0 ? json::number(each.hedged_after.count()) : json::null())
      .add("rejected", each.rejected.empty() ? json::null() : json::text(each.rejected))
      .str();
}

std::string hedge_facts(const HedgeConfig& hedge) {
  return json::Object()
      .add("after", json::text(operations::after_text(hedge)))
      .add("most", json::number(hedge.most))
      .str();
}

std::string refusal_json(const ApiError& error) {
  return json::Object()
      .add("status", json::number(error.status))
      .add("type", json::text(error.type))
      .add("code", error.code.empty() ? json::null() : json::text(error.code))
      .add("message", json::text(error.message))
      .str();
}

}  // namespace

std::string explanation_json(const Explanation& found, std::string_view project, std::string_view endpoint,
                             const RetryConfig& retry) {
  std::vector<std::string> targets;
  for (const ExplainedTarget& each : found.targets) targets.push_back(target_json(each, targets.size() + 1));
  return json::Object()
      .add("project", json::text(project))
      .add("model", json::text(found.model))
      .add("endpoint", json::text(endpoint))
      .add("route", found.route ? json::text(found.route->pattern) : json::null())
      .add("strategy", found.route ? json::text(to_string(found.route->strategy)) : json::null())
      .add("hedge", found.route && found.route->hedge ? hedge_facts(*found.route->hedge) : json::null())
      .add("allowed", found.readable ? json::boolean(found.allowed) : json::null())
      .add("input_bound", json::number(found.input_bound))
      .add("tokens", json::number(found.tokens))
      .add("max_attempts", json::number(retry.max_attempts))
      .add("targets", json::list(targets))
      .add("refusal", found.refusal ? refusal_json(*found.refusal) : json::null())
      .str();
}

}  // namespace gateway::app
