#include "app/serve_settings.h"

#include <filesystem>
#include <utility>

#include "app/demo/demo.h"
#include "app/open_store.h"
#include "app/unpriced_targets.h"
#include "base/store_url.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

constexpr const char* kUsualConfig = "gateway.yaml";

std::string config_file(const ServeOptions& options) {
  if (options.demo) return "";
  if (options.config_path) return *options.config_path;
  std::error_code ignored;
  return std::filesystem::exists(kUsualConfig, ignored) ? kUsualConfig : "";
}

}  // namespace

Result<Settings> read_settings(const ServeOptions& options, std::vector<std::string>& mistakes) {
  Settings settings;
  settings.config = options.demo ? demo_config() : default_config(process_environment());
  settings.config_path = config_file(options);
  if (!settings.config_path.empty()) {
    ConfigReading reading = read_config_file(settings.config_path);
    for (const ConfigMistake& mistake : reading.mistakes) mistakes.push_back(mistake.to_string());
    if (!reading.mistakes.empty()) return Error{ErrorCode::invalid, "the configuration has mistakes"};
    for (const ConfigMistake& warning : reading.warnings) settings.warnings.push_back(warning.to_string());
    for (const ConfigMistake& warning : unpriced_targets(reading)) settings.warnings.push_back(warning.to_string());
    settings.config = std::move(reading.config);
  }
  if (options.database) {
    // The file's journals are those of the file's database.
    if (!is_same_store(*options.database, settings.config.database)) settings.config.journals.clear();
    settings.config.database = *options.database;
  }
  if (!options.listen.empty()) settings.config.listen = options.listen;
  if (options.workers) settings.config.workers = *options.workers;
  auto url = parse_store_url(settings.config.database, true);
  if (!url) return Error{ErrorCode::invalid, "database: " + url.error().detail};
  settings.database = std::move(url->path);
  return settings;
}

void log_warnings(const std::vector<std::string>& warnings, LogWriter& log) {
  for (const std::string& warning : warnings) log.log({LogLevel::warning, warning, {}, nullptr});
}

}  // namespace gateway::app
