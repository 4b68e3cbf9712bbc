#include "operations/why.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/shell_word.h"
#include "policy/routing/router.h"

namespace gateway::operations {
namespace {

bool is_wanted(const WhyQuery& query, std::string_view code) {
  return !code.empty() && (!query.code || code == *query.code);
}

UsageQuery sums_of(const WhyQuery& query, std::vector<UsageKey> by, std::vector<std::string> models) {
  UsageQuery sums;
  sums.project = query.project;
  sums.model = std::move(models);
  sums.since = query.since;
  sums.by = std::move(by);
  return sums;
}

Result<void> add_refused(Ledger& ledger, const WhyQuery& query, std::vector<std::string> models,
                         std::vector<Cause>& causes) {
  const auto sums = ledger.usage(sums_of(query, {UsageKey::code, UsageKey::model}, std::move(models)));
  if (!sums) return sums.error();
  for (const UsageSum& sum : *sums) {
    if (sum.refused > 0 && is_wanted(query, sum.key[0])) causes.push_back({sum.key[0], sum.key[1], {}, sum.refused, 0});
  }
  return {};
}

Result<void> add_failed(Ledger& ledger, const WhyQuery& query, std::vector<Cause>& causes) {
  std::vector<std::string> models;
  if (query.model) models.push_back(*query.model);
  const auto sums =
      ledger.usage(sums_of(query, {UsageKey::code, UsageKey::model, UsageKey::provider}, std::move(models)));
  if (!sums) return sums.error();
  for (const UsageSum& sum : *sums) {
    if (sum.failed > 0 && is_wanted(query, sum.key[0]))
      causes.push_back({sum.key[0], sum.key[1], sum.key[2], 0, sum.failed});
  }
  return {};
}

// How a setting of the project is changed: "'gateway project set demo --rpm N'".
std::string change(const ProjectConfig& project, std::string_view flag, std::string_view key) {
  return project.from_file ? fmt::format("'{}' of the project in the configuration file", key)
                           : fmt::format("'gateway project set {} {}'", project.name, flag);
}

// What the provider itself refused, with a code of its own; empty: it is none of these.
std::string_view providers_advice(std::string_view code) {
  if (code == "content_policy_violation") return "The provider refused the content: change the prompt";
  if (code == "request_too_large")
    return "The body is larger than the provider takes, or an upload than 'server.max_upload': send less";
  if (code == "model_not_found")
    return "The provider has no model of that name: correct the target's 'model' in the configuration";
  if (code == "invalid_request_error")
    return "The provider cannot take the request as it is; its answer's message says why: correct the client";
  return {};
}

}  // namespace

std::vector<std::string> counted_names(const std::vector<RouteConfig>& routes, const std::string& model) {
  const Router router(routes);
  const RouteConfig* route = router.find(model);
  std::vector<std::string> names{model};
  if (route == nullptr) {
    names.emplace_back();
  } else if (route->pattern != model) {
    names.push_back(route->pattern);
  }
  return names;
}

Result<WhyAnswer> why(const Deployment& deployment, const WhyQuery& query) {
  auto project = find_project(deployment, query.project);
  if (!project) return std::move(project).error();
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  WhyAnswer answer;
  std::vector<std::string> models;
  if (query.model) models = counted_names(deployment.config.routes, *query.model);
  if (auto added = add_refused(**store, query, std::move(models), answer.causes); !added) return added.error();
  if (auto added = add_failed(**store, query, answer.causes); !added) return added.error();
  std::stable_sort(answer.causes.begin(), answer.causes.end(),
                   [](const Cause& a, const Cause& b) { return a.refused + a.failed > b.refused + b.failed; });
  auto caps = cap_states(*project, *store, deployment.now);
  if (!caps) return std::move(caps).error();
  answer.caps = std::move(*caps);
  answer.project = std::move(*project);
  return answer;
}

std::string advice(const Cause& cause, const ProjectConfig& project) {
  const std::string_view code = cause.code;
  const std::string explained = cause.model.empty() ? std::string()
                                                    : fmt::format("; see: gateway explain --project {} --model {}",
                                                                  project.name, shell_word(cause.model));
  if (const auto found = providers_advice(code); !cause.provider.empty() && !found.empty()) return std::string(found);
  if (code == "rate_limit_exceeded") {
    return fmt::format(
        "A limit of the project was reached, or its cap was held by requests under way. Retry after 'retry-after', or "
        "raise it: {}",
        change(project, "--rpm N', '--tpm N' or '--concurrent N", "limits"));
  }
  if (code == "insufficient_quota") {
    return fmt::format("A spend cap is used up; 'gateway budget --project {}' shows when it resets. Raise it: {}",
                       project.name, change(project, "--cap USD/PERIOD", "spend"));
  }
  if (code == "request_exceeds_budget") {
    return fmt::format("The worst case of one request is more than the cap has left. Send a lower max_tokens, or: {}",
                       change(project, "--cap USD/PERIOD", "spend"));
  }
  if (code == "request_exceeds_limit") {
    return fmt::format("One request alone has more tokens than a minute may have. Send less, or: {}",
                       change(project, "--tpm N", "limits"));
  }
  if (code == "model_not_allowed")
    return fmt::format("The project's list of models lacks it. Add it: {}", change(project, "--models LIST", "models"));
  if (code == "model_not_found")
    return "No route has a model of that name. Correct the client, or add it to 'models' of the configuration" +
           explained;
  if (code == "response_not_found")
    return "No row of this project has that response: it was made for another one, not by a provider of type "
           "'responses', or pruned";
  if (code.starts_with("unpriced_")) {
    return fmt::format("A cap needs prices. Give the target 'prices' in the configuration, or: {}",
                       change(project, "--unpriced allow", "unpriced: allow"));
  }
  if (code == "provider_rate_limited")
    return "The provider limits this account. Add another target to the model's route, or raise the limit there" +
           explained;
  if (code == "provider_timeout")
    return "The provider did not answer in time. Add another target, or raise 'timeouts' of the configuration";
  if (code.starts_with("provider_"))
    return "The provider failed. 'gateway requests --state failed' lists the attempts; another target in the route "
           "takes over" +
           explained;
  if (code == "overloaded" || code == "unavailable")
    return "The gateway itself had no room or could not write its ledger: see its log, 'server' of the configuration "
           "and 'gateway doctor'";
  if (code == "invalid_request_error")
    return "The request cannot be read or lacks something; the answer's message says what: correct the client";
  if (code == "client_left") return "The client closed the connection: check its timeout";
  if (code == "hedge_lost")
    return "Another attempt of the request began to answer first, and this one was ended: see 'hedge' of the route";
  if (code == "request_too_large")
    return "The body is larger than 'server.max_body' of the configuration, or a form than 'server.max_upload'";
  if (code == "unsupported_feature")
    return "No provider of this model has a place for what is requested: another model may" + explained;
  if (code == "no_target_fits")
    return "The model's route has no target for such a request: see 'when', 'can' and 'canary' of its targets" +
           explained;
  if (code == "invalid_api_key")
    return "The provider, or the gateway, does not know the key: check 'api_key' of the provider";
  return "The provider's own code: its documentation explains it";
}

}  // namespace gateway::operations
