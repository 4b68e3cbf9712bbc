#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "app/mcp/tools/tools.h"
#include "app/render/live.h"
#include "app/render/project_view.h"
#include "operations/budgets.h"
#include "operations/models.h"
#include "operations/projects.h"
#include "policy/routing/provider_keys.h"

namespace gateway::app::mcp {
namespace {

std::string caps_json(const std::vector<operations::CapState>& caps) {
  std::vector<std::string> list;
  for (const operations::CapState& cap : caps) list.push_back(cap_object(cap).str());
  return json::list(list);
}

// --- get_account

constexpr Output kAccountOutputs[] = {
    {"scope", "string"},      {"project", "string", true},   {"key", "object", true},
    {"base_url", "string"},   {"limits", "object", true},    {"remaining", "object", true},
    {"spend", "array", true}, {"projects", "integer", true}, kAsCommand};

std::string key_json(const ApiKey& key) {
  return json::Object()
      .add("id", json::text(key.id))
      .add("name", json::text(key.name))
      .add("expires_at", json::optional(key.expires, json::time))
      .str();
}

ToolAnswer account_answer(const Desk& desk) {
  const Caller& caller = desk.caller();
  const auto opened = desk.open_if_there();
  if (!opened) return failed(opened.error());
  json::Object answer;
  answer.add("scope", json::text(caller.is_admin ? "admin" : "project"))
      .add("base_url", json::text(desk.sources().base_url));
  if (caller.is_admin) {
    const auto projects = operations::list_projects(opened->deployment, {.limit = 1});
    if (!projects) return failed(projects.error());
    answer.add("projects", json::number(static_cast<std::int64_t>(projects->all)));
    return answered(answer.add("as_command", json::text("gateway project list --json")));
  }
  answer.add("project", json::text(caller.project));
  if (caller.key) answer.add("key", key_json(*caller.key));
  if (auto added = add_state_now(answer, desk, *opened, caller.project); !added) return failed(added.error());
  CommandText command("gateway project show");
  return answered(answer.add("as_command", json::text(command.word(caller.project).str())));
}

// --- get_budget

constexpr Input kBudgetInputs[] = {kProject, kLimit, kCursor};
constexpr Output kBudgetOutputs[] = {{"budgets", "array"}, kTruncated, kNextCursor, kAsCommand};

ToolAnswer budget_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.project_of(given);
  if (!project) return failed(project.error());
  const auto slice = slice_of(given);
  if (!slice) return failed(slice.error());
  const auto opened = desk.open_if_there();
  if (!opened) return failed(opened.error());
  const auto found = operations::list_budgets(opened->deployment, {*project, {.limit = 0}});
  if (!found) return failed(found.error());
  Rows rows;
  const auto next =
      add_slice(rows, *slice, found->budgets.size(), [&](std::size_t i) { return budget_json(found->budgets[i]); });
  json::Object answer;
  answer.add("budgets", rows.str());
  CommandText command("gateway budget");
  add_end(answer, next, command.flag("project", *project).str() + " --json");
  return answered(answer);
}

// --- get_provider_health

constexpr Input kHealthInputs[] = {
    {"provider", Type::text}, {"window", Type::text, "Default 1h", false, "5m|1h|24h"}, kLimit, kCursor};
constexpr Output kHealthOutputs[] = {{"targets", "array"},
                                     {"note", "string", true},
                                     {"ledger_writable", "boolean", true},
                                     kTruncated,
                                     kNextCursor,
                                     kAsCommand};

constexpr std::string_view kWhatAKeySees =
    "A project's key sees the targets of the models that list_models shows, and no others.";

struct ShownTarget {
  std::string provider;
  TargetHealthView view;
  const operations::TargetRecord* record = nullptr;  // null: no attempt in the last day
};

std::string percentiles_json(const std::optional<operations::Percentiles>& of) {
  if (!of) return json::null();
  const auto ms = [](std::chrono::microseconds length) {
    return json::number(std::chrono::round<std::chrono::milliseconds>(length).count());
  };
  return json::Object().add("p50", ms(of->p50)).add("p95", ms(of->p95)).str();
}

void add_record(json::Object& object, const operations::TargetRecord& record, std::size_t window) {
  const operations::HealthWindow& recent = record.windows[window];
  json::Object codes;
  for (const auto& [code, count] : recent.codes) codes.add(code, json::number(count));
  const double share =
      static_cast<double>(recent.failed) / static_cast<double>(std::max<std::int64_t>(recent.attempts, 1));
  object.add("attempts", json::number(recent.attempts))
      .add("failed", json::number(recent.failed))
      .add("error_share", recent.attempts == 0 ? json::null() : fmt::format("{:.4f}", share))
      .add("codes", codes.str())
      .add("first_byte_ms", percentiles_json(recent.first_byte))
      .add("last_success", json::optional(record.last_success, json::time))
      .add("last_error", record.last_error.empty() ? json::null() : json::text(record.last_error));
}

std::string target_json(const ShownTarget& target, std::size_t window) {
  json::Object object;
  object.add("provider", json::text(target.provider))
      .add("model", json::text(target.view.model))
      .add("breaker", json::text(to_string(target.view.state)))
      .add("cooling_ms", json::number(target.view.cooling.count()))
      .add("reason", target.view.reason ? json::text(to_string(*target.view.reason)) : json::null());
  if (target.record != nullptr) add_record(object, *target.record, window);
  return object.str();
}

const operations::TargetRecord* record_of(const operations::RecentHealth& recent, const std::string& provider,
                                          const std::string& model) {
  const auto found = std::find_if(recent.targets.begin(), recent.targets.end(), [&](const auto& record) {
    return record.provider == provider && record.model == model;
  });
  return found == recent.targets.end() ? nullptr : &*found;
}

std::size_t window_of(const Arguments& given) {
  const std::string name = given.text("window").value_or("1h");
  const auto found = std::find_if(operations::kHealthWindows.begin(), operations::kHealthWindows.end(),
                                  [&](const auto& window) { return window.name == name; });
  return static_cast<std::size_t>(found - operations::kHealthWindows.begin());
}

// The targets of the models that a project may use, by provider and the provider's name for them.
using TargetNames = std::set<std::pair<std::string, std::string>>;
Result<TargetNames> targets_of(const Opened& opened, const Desk& desk, const std::string& project) {
  const auto models = operations::list_models(opened.deployment, desk.catalogues(), {project, {.limit = 0}});
  if (!models) return models.error();
  TargetNames targets;
  for (const ListedModel* model : models->models) {
    const RouteConfig* route = models->snapshot->router.find(model->id);
    if (route == nullptr) continue;
    for (const TargetConfig& target : route->targets)
      targets.emplace(split_keyed(target.provider).provider, std::string(target_model(target, model->id)));
  }
  return targets;
}

// Of all targets those that a project may use. What there is no view of is not in trouble.
void keep_own(const TargetNames& own, const std::optional<std::string>& provider, std::vector<ShownTarget>& targets) {
  std::erase_if(targets, [&own](const ShownTarget& target) {
    return !own.contains({target.provider, target.view.model});
  });
  for (const auto& [name, model] : own) {
    const bool is_shown =
        std::any_of(targets.begin(), targets.end(), [&name = name, &model = model](const ShownTarget& each) {
          return each.provider == name && each.view.model == model;
        });
    if (is_shown || (provider && *provider != name)) continue;
    ShownTarget target{name, {}};
    target.view.model = model;
    targets.push_back(std::move(target));
  }
}

// What was asked for by names that no route spells out: those of patterns. Their breakers are not known here.
void add_unlisted(const operations::RecentHealth& recent, const std::optional<std::string>& provider,
                  std::vector<ShownTarget>& targets) {
  for (const operations::TargetRecord& record : recent.targets) {
    if (provider && *provider != record.provider) continue;
    const bool is_shown = std::any_of(targets.begin(), targets.end(), [&record](const ShownTarget& each) {
      return each.provider == record.provider && each.view.model == record.model;
    });
    if (is_shown) continue;
    ShownTarget target{record.provider, {}, &record};
    target.view.model = record.model;
    targets.push_back(std::move(target));
  }
}

ToolAnswer health_answer(const Desk& desk, const Arguments& given) {
  const auto slice = slice_of(given);
  if (!slice) return failed(slice.error());
  const auto opened = desk.open();
  if (!opened) return failed(opened.error());
  const auto found = operations::health(opened->deployment, desk.live());
  if (!found)
    return failed(Error{found.error().code, found.error().detail + ": only a running server knows; use its /mcp"});
  const auto provider = given.text("provider");
  std::vector<std::string> known;
  std::vector<ShownTarget> targets;
  for (const operations::ProviderHealth& each : found->providers) {
    known.push_back(each.provider);
    if (provider && *provider != each.provider) continue;
    for (const TargetHealthView& target : each.targets)
      targets.push_back({each.provider, target, record_of(found->recent, each.provider, target.model)});
  }
  add_unlisted(found->recent, provider, targets);
  if (!desk.caller().is_admin) {
    const auto own = targets_of(*opened, desk, desk.caller().project);
    if (!own) return failed(own.error());
    keep_own(*own, provider, targets);
    std::erase_if(known, [&own](const std::string& name) {
      return std::none_of(own->begin(), own->end(), [&name](const auto& target) { return target.first == name; });
    });
  }
  if (provider && !known.empty() && std::find(known.begin(), known.end(), *provider) == known.end()) {
    std::string list;
    for (const std::string& each : known) list.append(list.empty() ? "" : ", ").append(each);
    return failed(fmt::format("provider: expected one of {}, found '{}'", list, provider->substr(0, 64)));
  }
  Rows rows;
  const auto next =
      add_slice(rows, *slice, targets.size(), [&](std::size_t i) { return target_json(targets[i], window_of(given)); });
  json::Object answer;
  answer.add("targets", rows.str());
  if (!desk.caller().is_admin) answer.add("note", json::text(kWhatAKeySees));
  if (desk.caller().is_admin) answer.add("ledger_writable", json::boolean(found->stats.ledger_writable));
  add_end(answer, next, "curl -H 'authorization: Bearer ADMIN_TOKEN' GATEWAY/admin/v1/health");
  return answered(answer);
}

}  // namespace

Result<void> add_state_now(json::Object& object, const Desk& desk, const Opened& opened, const std::string& project) {
  const auto view = operations::show_project(opened.deployment, project);
  if (!view) return view.error();
  object.add("limits", limits_json(view->project.limits)).add("spend", caps_json(view->caps));
  const auto used = operations::list_limits(opened.deployment, desk.live(), {project, {.limit = 1}});
  const bool is_known = used && !used->projects.empty();
  object.add("remaining", is_known ? limits_view_json(used->projects.front()) : json::null());
  return {};
}

Tool get_account(const Desk& desk) {
  return {"get_account",
          "Account",
          "Whose data this connection sees, its limits, what is left of them and of its caps.",
          {},
          kAccountOutputs,
          [&desk](const Arguments&) { return account_answer(desk); }};
}

Tool get_budget(const Desk& desk) {
  return {"get_budget",  "Budgets",      "Each spend cap: spent, held by requests under way, left, and when it resets.",
          kBudgetInputs, kBudgetOutputs, [&desk](const Arguments& given) { return budget_answer(desk, given); }};
}

Tool get_provider_health(const Desk& desk) {
  return {"get_provider_health",
          "Provider health",
          "Circuit breakers of the models' targets at this moment, and their errors and latency of late.",
          kHealthInputs,
          kHealthOutputs,
          [&desk](const Arguments& given) { return health_answer(desk, given); }};
}

}  // namespace gateway::app::mcp
