// The database that a command works on, and what the configuration says beside it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/cli/command_context.h"
#include "app/cli/flags.h"
#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/store.h"

namespace gateway::app {

struct Workspace {
  Config config;
  std::string config_path;  // empty: there is no file
  std::string database;     // the file's path
};

// Finds configuration and database. The error tells the first of the file's mistakes, and how many more there are.
// Variables of the environment that are not set are none here: a command on the database needs no provider's key.
Result<Workspace> find_workspace(const DatabaseFlags& flags, Session& session);

enum class Need : std::uint8_t {
  read,           // must be there
  read_if_there,  // null where it is not
  write,          // must be there
  create,         // made where it is not
};
Result<std::unique_ptr<Store>> open_store(const Workspace& workspace, Need need);

// The project of that name in the file, or null.
const ProjectConfig* project_of_file(const Workspace& workspace, std::string_view name);
// Of the file or of the database. not_found names the nearest.
Result<ProjectConfig> find_project(const Workspace& workspace, Tenants* stored, std::string_view name);
// Whether anything can be known of a project of that name: of the file, of the database, or, since deleted, of the
// ledger. not_found names the nearest.
Result<void> expect_project(const Workspace& workspace, Store& store, std::string_view name);
// All, sorted by name. Where both have one of the same name the file's counts.
Result<std::vector<ProjectConfig>> all_projects(const Workspace& workspace, Tenants* stored);

}  // namespace gateway::app
