#include "app/serve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "app/admin/api.h"
#include "app/background/catalogue_files.h"
#include "app/background/nightly.h"
#include "app/cli/unpriced_targets.h"
#include "app/clock.h"
#include "app/database.h"
#include "app/first_run.h"
#include "app/logging/log_writer.h"
#include "app/open_store.h"
#include "app/server/server.h"
#include "app/server/signals.h"
#include "app/version.h"
#include "base/store_url.h"

namespace gateway::app {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};
constexpr const char* kUsualConfig = "gateway.yaml";

struct Settings {
  Config config;
  std::string config_path;  // empty: none
  std::string database;     // the file's path
  std::vector<std::string> warnings{};
};

std::string config_file(const ServeOptions& options) {
  if (options.config_path) return *options.config_path;
  std::error_code ignored;
  return std::filesystem::exists(kUsualConfig, ignored) ? kUsualConfig : "";
}

int failure(const Error& error) {
  std::fprintf(stderr, "gateway: %s\n", error.detail.c_str());
  return 1;
}

// The mistakes of the file, one a line, go to `mistakes`.
Result<Settings> read_settings(const ServeOptions& options, std::vector<std::string>& mistakes) {
  Settings settings;
  settings.config = default_config(process_environment());
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

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void warn(const std::vector<std::string>& warnings, LogWriter& log) {
  for (const std::string& warning : warnings) log.log({LogLevel::warning, warning, {}, nullptr});
}

// If it fails the old configuration stays, and each mistake is a line of the log. Any thread.
ReloadResult reload(Server& server, const ServeOptions& options, NightlyReconciliation& nightly, LogWriter& log) {
  ReloadResult result;
  auto settings = read_settings(options, result.mistakes);
  auto reloaded = settings ? server.reload(settings->config) : Result<std::vector<std::string>>(settings.error());
  if (!reloaded) {
    if (result.mistakes.empty()) result.mistakes.push_back(reloaded.error().detail);
    for (const std::string& mistake : result.mistakes) log.log({LogLevel::error, mistake, {}, nullptr});
    log.log({LogLevel::error, "configuration not reloaded; the old one stays in force", {}, nullptr});
    return result;
  }
  warn(settings->warnings, log);
  nightly.use(settings->config);
  result.after_restart = std::move(*reloaded);
  log.log({LogLevel::info, "configuration reloaded", {}, nullptr});
  for (const std::string& key : result.after_restart) {
    log.log({LogLevel::warning, key + ": changed in the file, takes effect after a restart", {}, nullptr});
  }
  return result;
}

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

// What runs, with what: the first line of a log.
std::string start_line(const Settings& settings, const Server& server, std::size_t stored_projects) {
  const Config& config = settings.config;
  return fmt::format("gateway {} serves: configuration {}, database {}, {}, {}, {}, listening on {}", program_version(),
                     settings.config_path.empty() ? "none (built-in)" : settings.config_path, settings.database,
                     counted(config.providers.size(), "provider"), counted(config.routes.size(), "route"),
                     counted(config.projects.size() + stored_projects, "project"), fmt::join(server.addresses(), ", "));
}

// How to get a key, as a line that can be pasted.
std::string key_hint(const ServeOptions& options, const Settings& settings) {
  std::string command = "gateway key create";
  if (!settings.config_path.empty()) command += " -c " + settings.config_path;
  if (options.database) command += " --database " + *options.database;
  const auto& projects = settings.config.projects;
  const std::string project = settings.config_path.empty() ? "default" : projects.empty() ? "NAME" : projects[0].name;
  return fmt::format("no key is shown: '{} --project {}' makes one", command, project);
}

void show_key(const std::vector<std::string>& addresses, const std::string& key) {
  std::fputs(welcome(addresses, key).c_str(), stdout);
  std::fflush(stdout);
}

AdminApi::Options admin_options(Server& server, const ServeOptions& options, const Settings& settings,
                                NightlyReconciliation& nightly, LogWriter& log) {
  AdminApi::Options admin;
  if (!settings.config_path.empty()) admin.database.push_back("--config=" + settings.config_path);
  admin.database.push_back("--database=" + settings.database);
  admin.config = server.config();
  admin.environment = process_environment();
  admin.now = wall_now;
  admin.reconciled = [&nightly] { return nightly.json(); };
  admin.reload = [&] { return reload(server, options, nightly, log); };
  return admin;
}

// Balancers see that this one is to be left, while it still serves. A second signal says that they have.
void await_drain_delay(const Server& server, const Signals& signals) {
  const auto deadline = std::chrono::steady_clock::now() + server.config()->server.drain_delay;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    const int signal = signals.wait(left);
    if (signal == SIGTERM || signal == SIGINT) return;
  }
}

// Until nothing is under way, the time is over, or a second signal says that it is enough.
void await_drain(const Server& server, const Signals& signals, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!server.drained() && std::chrono::steady_clock::now() < deadline) {
    const int signal = signals.wait(kLookAgain);
    if (signal == SIGTERM || signal == SIGINT) return;
  }
}

}  // namespace

int serve(const ServeOptions& options) {
  const Signals signals;
  raise_descriptor_limit();
  std::vector<std::string> mistakes;
  auto settings = read_settings(options, mistakes);
  for (const std::string& mistake : mistakes) std::fprintf(stderr, "%s\n", mistake.c_str());
  if (!settings) return mistakes.empty() ? failure(settings.error()) : 1;

  LogWriter log({.format = options.log_format, .least = options.debug ? LogLevel::debug : LogLevel::info});
  warn(settings->warnings, log);
  auto store = open_store(settings->database, {.log = log.callback()});
  if (!store) return failure(store.error());
  if (auto claimed = claim_journal_directory(settings->config, settings->database); !claimed)
    return failure(claimed.error());
  std::optional<std::string> first_key;
  std::size_t stored_projects = 0;
  const auto on_listening = [&](Store& opened) -> Result<void> {
    if (settings->config_path.empty()) {
      auto made = make_default_project(opened, wall_now());
      if (!made) return std::move(made).error();
      first_key = std::move(*made);
    }
    const auto tenants = opened.tenants();
    if (!tenants) return tenants.error();
    stored_projects = tenants->projects.size();
    return {};
  };
  NightlyReconciliation nightly({.config = settings->config,
                                 .database = settings->database,
                                 .log = log.callback(),
                                 .every = options.reconcile_every});
  const auto administer = [&](Server& running, const AdminRequest& call) {
    return AdminApi(admin_options(running, options, *settings, nightly, log)).answer(call);
  };
  const auto connect = [&] { return open_store(settings->database, {.create = false}); };
  auto server =
      Server::start(std::move(*store), {.config = settings->config,
                                        .journal_directory = journal_directory(settings->config, settings->database),
                                        .log = log.callback(),
                                        .catalogue_directory = catalogue_directory(settings->database),
                                        .more_metrics = [&nightly] { return nightly.metrics(); },
                                        .connect = connect,
                                        .sweep_every = options.sweep_every,
                                        .on_listening = on_listening,
                                        .admin = administer});
  if (!server) {
    if (first_key) show_key({}, *first_key);  // it exists, and nobody will be shown it again
    return failure(server.error());
  }
  log.log({LogLevel::info, start_line(*settings, **server, stored_projects), {}, nullptr});
  for (const std::string& address : (*server)->addresses(Service::administration)) {
    log.log({LogLevel::info, "serving the administration on " + address, {}, nullptr});
  }
  for (const std::string& address : (*server)->addresses(Service::metrics)) {
    log.log({LogLevel::info, "serving metrics on " + address, {}, nullptr});
  }
  if (first_key) {
    show_key((*server)->addresses(), *first_key);
  } else {
    log.log({LogLevel::info, key_hint(options, *settings), {}, nullptr});
  }

  for (int signal; (signal = signals.wait()) == SIGHUP;) reload(**server, options, nightly, log);
  (*server)->end_readiness();
  await_drain_delay(**server, signals);
  log.log({LogLevel::info, "draining: no new connections, streams finish", {}, nullptr});
  (*server)->drain();
  await_drain(**server, signals, settings->config.server.drain);
  if (!(*server)->stop()) {
    log.log({LogLevel::error,
             "the ledger could not be written; its rows wait in the journal for the next start",
             {},
             nullptr});
    return 1;
  }
  log.log({LogLevel::info, "stopped", {}, nullptr});
  return 0;
}

}  // namespace gateway::app
