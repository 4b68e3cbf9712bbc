// What a server is started with: its configuration file, and the flags that go before it.
#pragma once

#include <string>
#include <vector>

#include "app/logging/log_writer.h"
#include "app/serve.h"
#include "gateway/config.h"
#include "gateway/result.h"

namespace gateway::app {

struct Settings {
  Config config;
  std::string config_path;  // empty: none
  std::string database;     // the file's path
  std::vector<std::string> warnings{};
};

// The mistakes of the file, one a line, go to `mistakes`.
Result<Settings> read_settings(const ServeOptions& options, std::vector<std::string>& mistakes);

void log_warnings(const std::vector<std::string>& warnings, LogWriter& log);

}  // namespace gateway::app
