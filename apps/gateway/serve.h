// `gateway serve`: the server from its first configuration to its drain.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gateway::app {

enum class LogFormat : std::uint8_t { logfmt, json };

struct ServeOptions {
  std::optional<std::string> config_path;  // none: gateway.yaml if it exists, else what runs without a file
  std::optional<std::string> database;     // before the file's; "sqlite:PATH" or a path
  std::vector<std::string> listen;         // before the file's, if there are any
  std::optional<int> workers;              // before the file's
  LogFormat log_format = LogFormat::logfmt;
  bool demo = false;   // a configuration and a ledger for looking around, which end with the server
  bool debug = false;  // debug lines too
  std::optional<std::chrono::milliseconds> reconcile_every;  // instead of once a night
  std::chrono::milliseconds sweep_every{30'000};             // after other servers on the database that died
};

// Runs until SIGTERM or SIGINT and a drain; SIGHUP reads the configuration again. Mistakes go to standard error, log
// lines to standard output. Returns the exit status: 0 after a drain, 1 if it could not start.
int serve(const ServeOptions& options);

}  // namespace gateway::app
