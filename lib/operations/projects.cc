#include "operations/projects.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/key_text.h"
#include "base/names.h"
#include "policy/limits/period.h"
#include "wire/json/text.h"

namespace gateway::operations {
namespace {

constexpr int kMaxTries = 100;

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string limit_text(const std::optional<std::int64_t>& limit) { return limit ? std::to_string(*limit) : "null"; }

Result<ProjectView> view_of(const Deployment& deployment, ProjectConfig project) {
  auto caps = cap_states(project, deployment.store, deployment.now);
  if (!caps) return std::move(caps).error();
  const std::string& source = project.from_file ? deployment.config_path : deployment.database;
  std::string version = version_of(project);
  return ProjectView{std::move(project), source, std::move(version), std::move(*caps), 0};
}

Result<void> expect_name(const std::string& name) {
  if (names::is_name(name)) return {};
  return Error{ErrorCode::invalid,
               fmt::format("a project's name: expected {}, found '{}'", names::kNameExpected, name)};
}

void apply(const ProjectChange::Cap& change, SpendConfig& spend) {
  const auto is_meant = [&change](const SpendCap& cap) { return !change.period || cap.period == *change.period; };
  if (!change.cap) {
    std::erase_if(spend.caps, is_meant);
    return;
  }
  const auto old = std::find_if(spend.caps.begin(), spend.caps.end(), is_meant);
  if (old != spend.caps.end()) {
    old->cap = *change.cap;
  } else {
    spend.caps.push_back({*change.cap, change.period.value_or(Period::month), {}});
  }
}

// Changes what is stored by then: if another changes it in between, the change is applied to what that one made of it.
Result<ProjectConfig> change_stored(const Deployment& deployment, const ProjectWrite& request) {
  for (int tries = 1;; ++tries) {
    const auto found = find_project(deployment, request.name);
    if (!found) return found.error();
    if (request.if_version && *request.if_version != version_of(*found)) {
      return Error{ErrorCode::conflict, fmt::format("project '{}' was changed since it was read: it has version {} now",
                                                    request.name, version_of(*found))};
    }
    ProjectConfig project = *found;
    apply(request.change, project);
    auto put = deployment.store->put_project(project, &*found);
    if (put) return project;
    if (put.error().code != ErrorCode::conflict || tries == kMaxTries) return std::move(put).error();
  }
}

}  // namespace

std::string version_of(const ProjectConfig& project) {
  const LimitsConfig& limits = project.limits;
  std::string text = fmt::format(
      R"({}|{{"requests_per_minute":{},"tokens_per_minute":{},"concurrent":{},"max_output_tokens":{}}}|{}|{})",
      json_text(project.name), limit_text(limits.requests_per_minute), limit_text(limits.tokens_per_minute),
      limit_text(limits.concurrent), limit_text(limits.max_output_tokens), static_cast<int>(project.spend.mode),
      project.spend.allow_unpriced);
  for (const std::string& model : project.models) text += json_text(model);
  for (const SpendCap& cap : project.spend.caps) {
    text += fmt::format("|{}/{}/{}", cap.cap.units(), to_string(cap.period), fmt::join(cap.warn_percent, ","));
  }
  text += json_text(project.spend.timezone);
  const KeyHash hash = key_hash(text);
  return fmt::format("{:02x}", fmt::join(hash.begin(), hash.begin() + 8, ""));
}

Result<std::vector<CapState>> cap_states(const ProjectConfig& project, Store* store, WallTime now) {
  std::vector<CapState> states;
  if (project.spend.caps.empty()) return states;
  Result<std::vector<Row>> open(std::vector<Row>{});
  if (store != nullptr) open = store->open_rows(0);
  if (!open) return std::move(open).error();
  for (const SpendCap& cap : project.spend.caps) {
    CapState state;
    state.cap = cap;
    const PeriodBounds bounds = period_of(cap.period, now, project.spend.zone);
    if (cap.period != Period::total) state.resets_at = bounds.end;
    if (store != nullptr) {
      const auto account = store->account(0, {project.name, cap.period, bounds.start, bounds.end});
      if (!account) return account.error();
      state.spent = account->spent;
      for (const Row& row : *open) {
        if (row.project.view() == project.name && row.accepted >= bounds.start) state.held += row.hold;
      }
    }
    states.push_back(std::move(state));
  }
  return states;
}

void apply(const ProjectChange& change, ProjectConfig& project) {
  if (change.models) project.models = *change.models;
  LimitsConfig& limits = project.limits;
  if (change.requests_per_minute) limits.requests_per_minute = *change.requests_per_minute;
  if (change.tokens_per_minute) limits.tokens_per_minute = *change.tokens_per_minute;
  if (change.concurrent) limits.concurrent = *change.concurrent;
  if (change.max_output_tokens) limits.max_output_tokens = *change.max_output_tokens;
  SpendConfig& spend = project.spend;
  for (const ProjectChange::Cap& cap : change.caps) apply(cap, spend);
  if (change.warnings) {
    for (SpendCap& cap : spend.caps) cap.warn_percent = *change.warnings;
  }
  if (change.mode) spend.mode = *change.mode;
  if (change.allow_unpriced) spend.allow_unpriced = *change.allow_unpriced;
  if (change.timezone) {
    spend.timezone = change.timezone->name;
    spend.zone = change.timezone->zone;
  }
}

Result<void> expect_changeable(const Deployment& deployment, std::string_view name) {
  if (project_of_file(deployment, name) == nullptr) return {};
  return Error{ErrorCode::refused, fmt::format("project '{}' is defined in {}, under 'projects'; change it there", name,
                                               deployment.config_path)};
}

Result<ProjectList> list_projects(const Deployment& deployment, const Page& page) {
  if (!page.cursor.empty() && !names::is_name(page.cursor)) return unknown_cursor(page.cursor);
  auto projects = all_projects(deployment);
  if (!projects) return std::move(projects).error();
  ProjectList list;
  list.all = projects->size();
  for (ProjectConfig& project : *projects) {
    if (!page.cursor.empty() && project.name <= page.cursor) continue;
    if (page.limit != 0 && list.projects.size() == static_cast<std::size_t>(page.limit)) {
      list.next = list.projects.back().project.name;
      break;
    }
    auto view = view_of(deployment, std::move(project));
    if (!view) return std::move(view).error();
    list.projects.push_back(std::move(*view));
  }
  return list;
}

Result<ProjectView> show_project(const Deployment& deployment, std::string_view name) {
  auto project = find_project(deployment, name);
  if (!project) return std::move(project).error();
  return view_of(deployment, std::move(*project));
}

Result<ProjectView> create_project(const Deployment& deployment, const ProjectWrite& request) {
  if (auto named = expect_name(request.name); !named) return std::move(named).error();
  if (auto allowed = expect_changeable(deployment, request.name); !allowed) return std::move(allowed).error();
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  ProjectConfig project;
  project.name = request.name;
  apply(request.change, project);
  if (auto put = (*store)->put_project(project, nullptr); !put) {
    if (put.error().code != ErrorCode::exists) return std::move(put).error();
    return Error{ErrorCode::exists,
                 fmt::format("project '{}' exists already; 'gateway project set' changes it", request.name)};
  }
  return view_of(deployment, std::move(project));
}

Result<ProjectView> set_project(const Deployment& deployment, const ProjectWrite& request) {
  if (auto named = expect_name(request.name); !named) return std::move(named).error();
  if (auto allowed = expect_changeable(deployment, request.name); !allowed) return std::move(allowed).error();
  if (const auto store = expect_store(deployment); !store) return store.error();
  auto changed = change_stored(deployment, request);
  if (!changed) return std::move(changed).error();
  return view_of(deployment, std::move(*changed));
}

Result<void> delete_project(const Deployment& deployment, std::string_view name) {
  if (auto allowed = expect_changeable(deployment, name); !allowed) return allowed;
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  const auto project = find_project(deployment, name);
  if (!project) return project.error();
  return (*store)->delete_project(name);
}

}  // namespace gateway::operations
