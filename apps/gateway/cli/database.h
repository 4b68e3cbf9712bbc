// The database that a command works on, and what the configuration sets beside it.
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
#include "operations/deployment.h"

namespace gateway::app {

struct Workspace {
  Config config;
  std::string config_path;  // empty: there is no file
  std::string database;     // the file's path
};

// Finds configuration and database. The error reports the first of the file's mistakes, and how many more there are.
// Variables of the environment that are not set are none here: a command on the database needs no provider's key.
Result<Workspace> find_workspace(const DatabaseFlags& flags, Session& session);

enum class Need : std::uint8_t {
  read,           // must be there
  read_if_there,  // null if it does not exist
  write,          // must be there
  create,         // created if it does not exist
};
Result<std::unique_ptr<Store>> open_store(const Workspace& workspace, Need need);

// A workspace with its store, as operations take it.
struct OpenDeployment {
  Workspace workspace;
  std::unique_ptr<Store> store;
  WallTime now{};
  operations::Deployment deployment() const {
    return {workspace.config, workspace.config_path, workspace.database, store.get(), now};
  }
};
Result<OpenDeployment> open_deployment(const DatabaseFlags& flags, Need need, Session& session);

}  // namespace gateway::app
