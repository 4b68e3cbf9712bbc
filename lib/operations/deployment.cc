#include "operations/deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/nearest.h"

namespace gateway::operations {

const ProjectConfig* project_of_file(const Deployment& deployment, std::string_view name) {
  for (const ProjectConfig& project : deployment.config.projects) {
    if (project.name == name) return &project;
  }
  return nullptr;
}

Result<std::vector<ProjectConfig>> all_projects(const Deployment& deployment) {
  std::vector<ProjectConfig> projects = deployment.config.projects;
  if (deployment.store != nullptr) {
    Result<TenantChange> tenants = deployment.store->tenants();
    if (!tenants) return std::move(tenants).error();
    for (ProjectConfig& project : tenants->projects) {
      if (project_of_file(deployment, project.name) == nullptr) projects.push_back(std::move(project));
    }
  }
  std::sort(projects.begin(), projects.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return projects;
}

Result<ProjectConfig> find_project(const Deployment& deployment, std::string_view name) {
  Result<std::vector<ProjectConfig>> projects = all_projects(deployment);
  if (!projects) return std::move(projects).error();
  std::vector<std::string_view> names;
  for (const ProjectConfig& project : *projects) {
    if (project.name == name) return project;
    names.push_back(project.name);
  }
  if (names.empty()) {
    return Error{ErrorCode::not_found,
                 fmt::format("no project '{}': there is none yet; 'gateway project create NAME' makes one", name)};
  }
  const std::string_view meant = nearest(name, names);
  return Error{ErrorCode::not_found, fmt::format("no project '{}'{}", name,
                                                 meant.empty() ? "; see 'gateway project list'"
                                                               : fmt::format("; did you mean '{}'?", meant))};
}

Result<void> expect_project(const Deployment& deployment, std::string_view name) {
  const auto found = find_project(deployment, name);
  if (found) return {};
  if (deployment.store == nullptr) return found.error();
  UsageQuery query;
  query.project = std::string(name);
  const auto sums = deployment.store->usage(query);
  if (!sums) return sums.error();
  for (const UsageSum& sum : *sums) {
    if (sum.attempts > 0 || sum.refused > 0) return {};
  }
  return found.error();
}

Result<void> expect_projects(const Deployment& deployment, const AnyText& names) {
  for (const std::string& name : names.values()) {
    if (auto known = expect_project(deployment, name); !known) return known;
  }
  return {};
}

namespace {

Result<bool> has_rows(Store& store, const std::string& key) {
  RowQuery query;
  query.key = key;
  query.limit = 1;
  bool found = false;
  const auto read = store.rows(query, [&found](const Row&) {
    found = true;
    return false;
  });
  if (!read) return read.error();
  return found;
}

Error no_key_of(const std::string& wanted, const std::vector<ApiKey>& keys) {
  std::vector<std::string_view> known;
  for (const ApiKey& key : keys) {
    known.push_back(key.id);
    if (!key.name.empty()) known.push_back(key.name);
  }
  const std::string_view near = nearest(wanted, known);
  return Error{ErrorCode::not_found,
               fmt::format("no key '{}'{}", wanted,
                           near.empty() ? "; see 'gateway key list'" : fmt::format("; did you mean '{}'?", near))};
}

}  // namespace

Result<AnyText> key_ids(const Deployment& deployment, const AnyText& keys) {
  if (keys.empty() || deployment.store == nullptr) return keys;
  const auto tenants = deployment.store->tenants();
  if (!tenants) return tenants.error();
  AnyText ids;
  for (const std::string& text : keys.values()) {
    bool is_name = false;
    const bool is_id =
        std::any_of(tenants->keys.begin(), tenants->keys.end(), [&text](const ApiKey& key) { return key.id == text; });
    for (const ApiKey& key : tenants->keys) {
      if (is_id || key.name != text) continue;
      ids.add(key.id);
      is_name = true;
    }
    if (is_name) continue;
    const auto known = is_id ? Result<bool>(true) : has_rows(*deployment.store, text);
    if (!known) return known.error();
    if (!*known) return no_key_of(text, tenants->keys);
    ids.add(text);
  }
  return ids;
}

Result<void> resolve_names(const Deployment& deployment, const AnyText& projects, AnyText& keys) {
  if (auto known = expect_projects(deployment, projects); !known) return known;
  auto ids = key_ids(deployment, keys);
  if (!ids) return std::move(ids).error();
  keys = std::move(*ids);
  return {};
}

Result<Store*> expect_store(const Deployment& deployment) {
  if (deployment.store != nullptr) return deployment.store;
  return Error{
      ErrorCode::not_found,
      fmt::format("no database at {}; 'gateway serve' and 'gateway project create' make one", deployment.database)};
}

Error unknown_cursor(std::string_view cursor) {
  return Error{ErrorCode::invalid, fmt::format("cursor: expected the next of an earlier answer, found '{}'", cursor)};
}

Result<std::size_t> read_offset(std::string_view cursor) {
  std::size_t offset = 0;
  const char* const end = cursor.data() + cursor.size();
  if (cursor.empty()) return offset;
  const auto [stopped, failed] = std::from_chars(cursor.data(), end, offset);
  if (failed != std::errc() || stopped != end) return unknown_cursor(cursor);
  return offset;
}

}  // namespace gateway::operations
