#include "app/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "app/open_store.h"
#include "base/store_url.h"
#include "config/nearest.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

constexpr const char* kDefaultConfig = "gateway.yaml";

bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Result<void> read_config(Workspace& workspace, Session& session) {
  ConfigReading reading = read_config_file(workspace.config_path, session.environment);
  std::erase_if(reading.mistakes, [](const ConfigMistake& mistake) { return mistake.variable_missing; });
  workspace.config = std::move(reading.config);
  if (reading.mistakes.empty()) return {};
  std::string line = reading.mistakes.front().to_string();
  if (const std::size_t more = reading.mistakes.size() - 1; more > 0) {
    line += fmt::format("; 'gateway check -c {}' tells {} more", workspace.config_path, more);
  }
  return Error{ErrorCode::refused, std::move(line)};
}

}  // namespace

Result<Workspace> find_workspace(const DatabaseFlags& flags, Session& session) {
  Workspace workspace;
  if (session.in_force != nullptr) {
    workspace.config = *session.in_force;
    workspace.config_path = flags.config.value_or("");
  } else {
    workspace.config = default_config(session.environment);
    if (flags.config || is_there(kDefaultConfig)) {
      workspace.config_path = flags.config.value_or(kDefaultConfig);
      if (auto read = read_config(workspace, session); !read) return read.error();
    }
  }
  const std::string database = flags.database.value_or(workspace.config.database);
  if (database.empty()) {
    return Error{ErrorCode::refused,
                 fmt::format("{}: the database's place depends on an environment variable that is not "
                             "set",
                             workspace.config_path)};
  }
  auto url = parse_store_url(database, true);
  if (!url) return usage_error("--database: " + url.error().detail);
  workspace.database = std::move(url->path);
  // The file's journals are those of the file's database.
  if (flags.database && !is_same_store(database, workspace.config.database)) workspace.config.journals.clear();
  return workspace;
}

Result<std::unique_ptr<Store>> open_store(const Workspace& workspace, Need need) {
  if (need != Need::create && !store_exists(workspace.database)) {
    if (need == Need::read_if_there) return std::unique_ptr<Store>();
    return Error{ErrorCode::not_found,
                 fmt::format("no database at {}; 'gateway serve' and 'gateway project create' make "
                             "one",
                             workspace.database)};
  }
  return open_store(workspace.database,
                    {.create = need == Need::create, .read_only = need == Need::read || need == Need::read_if_there});
}

const ProjectConfig* project_of_file(const Workspace& workspace, std::string_view name) {
  for (const ProjectConfig& project : workspace.config.projects) {
    if (project.name == name) return &project;
  }
  return nullptr;
}

Result<std::vector<ProjectConfig>> all_projects(const Workspace& workspace, Tenants* stored) {
  std::vector<ProjectConfig> projects = workspace.config.projects;
  if (stored != nullptr) {
    Result<TenantChange> tenants = stored->tenants();
    if (!tenants) return std::move(tenants).error();
    for (ProjectConfig& project : tenants->projects) {
      if (project_of_file(workspace, project.name) == nullptr) projects.push_back(std::move(project));
    }
  }
  std::sort(projects.begin(), projects.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return projects;
}

Result<void> expect_project(const Workspace& workspace, Store& store, std::string_view name) {
  const auto found = find_project(workspace, &store, name);
  if (found) return {};
  UsageQuery query;
  query.project = std::string(name);
  const auto sums = store.usage(query);
  if (!sums) return sums.error();
  for (const UsageSum& sum : *sums) {
    if (sum.attempts > 0 || sum.refused > 0) return {};
  }
  return found.error();
}

Result<ProjectConfig> find_project(const Workspace& workspace, Tenants* stored, std::string_view name) {
  Result<std::vector<ProjectConfig>> projects = all_projects(workspace, stored);
  if (!projects) return std::move(projects).error();
  std::vector<std::string_view> names;
  for (const ProjectConfig& project : *projects) {
    if (project.name == name) return project;
    names.push_back(project.name);
  }
  const std::string_view meant = nearest(name, names);
  return Error{ErrorCode::not_found, fmt::format("no project '{}'{}", name,
                                                 meant.empty() ? "; see 'gateway project list'"
                                                               : fmt::format("; did you mean '{}'?", meant))};
}

}  // namespace gateway::app
