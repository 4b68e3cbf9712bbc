#include "app/cli/database.h"

#include <fmt/format.h>

#include <filesystem>
#include <ostream>

#include "app/open_store.h"
#include "base/store_url.h"
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
    line += fmt::format("; 'gateway check -c {}' reports {} more", workspace.config_path, more);
  }
  return Error{ErrorCode::refused, std::move(line)};
}

}  // namespace

Result<Workspace> find_workspace(const DatabaseFlags& flags, Session& session) {
  Workspace workspace;
  workspace.config = default_config(session.environment);
  if (flags.config || is_there(kDefaultConfig)) {
    workspace.config_path = flags.config.value_or(kDefaultConfig);
    if (auto read = read_config(workspace, session); !read) return read.error();
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

Result<OpenDeployment> open_deployment(const DatabaseFlags& flags, Need need, Session& session) {
  auto workspace = find_workspace(flags, session);
  if (!workspace) return std::move(workspace).error();
  auto store = open_store(*workspace, need);
  if (!store) return std::move(store).error();
  return OpenDeployment{std::move(*workspace), std::move(*store), session.now()};
}

}  // namespace gateway::app
