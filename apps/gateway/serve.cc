#include "app/serve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "app/admin/api.h"
#include "app/admin/mount.h"
#include "app/admin/row_streams.h"
#include "app/admin/threads.h"
#include "app/background/catalogue_files.h"
#include "app/background/ledger_sweep.h"
#include "app/background/nightly.h"
#include "app/background/sweeper.h"
#include "app/background/token_keeper.h"
#include "app/clock.h"
#include "app/dashboard/mount.h"
#include "app/demo/demo.h"
#include "app/demo/temporary_folder.h"
#include "app/first_run.h"
#include "app/listening.h"
#include "app/logging/log_writer.h"
#include "app/mcp/http/mount.h"
#include "app/open_store.h"
#include "app/process_memory.h"
#include "app/reload.h"
#include "app/serve_settings.h"
#include "app/server/server.h"
#include "app/server/signals.h"
#include "app/version.h"
#include "base/shell_word.h"

namespace gateway::app {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};
constexpr const char* kUnwritten = "the ledger could not be written; its rows wait in the journal for the next start";

int failure(const Error& error) {
  std::fprintf(stderr, "gateway: %s\n", error.detail.c_str());
  return 1;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
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
  if (!settings.config_path.empty()) command += " -c " + shell_word(settings.config_path);
  if (options.database) command += " --database " + shell_word(*options.database);
  const auto& projects = settings.config.projects;
  const std::string project = settings.config_path.empty() ? "default" : projects.empty() ? "NAME" : projects[0].name;
  return fmt::format("no key is shown: '{} --project {}' makes one", command, project);
}

// What was made for a server without a configuration.
struct FirstRun {
  std::optional<std::string> key;   // of the project "default"; made now
  std::optional<std::string> link;  // that signs in once
  std::optional<Administration> administration;
};

// The administration is for this machine's users alone, where no configuration says more.
Result<FirstRun> prepare_first_run(Store& store, const Config& config) {
  FirstRun made;
  auto key = make_default_project(store, wall_now());
  if (!key) return std::move(key).error();
  made.key = std::move(*key);
  if (!config.admin_token.empty() || !is_local_only(config.listen)) return made;
  auto administration = make_administration(store, wall_now());
  if (!administration) return std::move(administration).error();
  made.administration = std::move(*administration);
  if (!made.key || dashboard_assets().empty()) return made;
  auto link = make_sign_in_link(store, wall_now());
  if (!link) return std::move(link).error();
  made.link = std::move(*link);
  return made;
}

void show_first_run(const std::vector<std::string>& addresses, const FirstRun& made, const ServeOptions& options) {
  const std::optional<std::string> token = made.administration ? made.administration->made : std::nullopt;
  std::fputs(welcome(addresses, {*made.key, made.link, token, options.database}).c_str(), stdout);
  std::fflush(stdout);
}

AdminApi::Options admin_options(Server& server, const ServeOptions& options, const Settings& settings,
                                NightlyReconciliation& nightly, TokenKeeper& tokens, LogWriter& log, WallTime started) {
  AdminApi::Options admin;
  admin.config = server.config();
  admin.config_path = settings.config_path;
  admin.database = settings.database;
  admin.catalogues = [&] { return kept_catalogues(settings.database, [](const std::string&) {}); };
  admin.now = wall_now;
  admin.reconciled = [&nightly] { return nightly.report(); };
  admin.live = [&server] { return operations::Live{&server.core(), TimePoint(std::chrono::steady_clock::now())}; };
  admin.host = [&server, started] {
    return operations::Host{.version = program_version(),
                            .libraries = library_versions(),
                            .started = started,
                            .workers = server.workers(),
                            .memory_bytes = resident_bytes()};
  };
  admin.sweep = [&settings](Store& store) {
    return sweep_ledger(store, journal_directory(settings.config, settings.database), wall_now());
  };
  admin.tenants_changed = [&] { server.core().tenants_changed(); };
  admin.reload = [&](const operations::ReloadRequest& request) {
    return reload(server, options, nightly, tokens, log, request);
  };
  return admin;
}

// What agents read: the same as the administration.
mcp::Sources mcp_sources(const AdminApi::Options& admin) {
  mcp::Sources sources;
  sources.config = admin.config;
  sources.config_path = admin.config_path;
  sources.database = admin.database;
  sources.catalogues = admin.catalogues;
  sources.now = admin.now;
  sources.live = admin.live;
  sources.reconciled = admin.reconciled;
  sources.tenants_changed = admin.tenants_changed;
  return sources;
}

std::vector<FetchedCatalogue> fetched_catalogues(const std::string& directory, LogWriter& log) {
  std::vector<FetchedCatalogue> lists;
  const auto warn_of = [&log](const std::string& line) { log_warnings({line}, log); };
  for (KeptCatalogue& kept : read_catalogue_files(directory, warn_of)) lists.push_back(std::move(kept.fetched));
  return lists;
}

void keep_catalogue(const std::string& directory, const FetchedCatalogue& list, LogWriter& log) {
  if (const auto written = write_catalogue_file(directory, list); !written) log_warnings({written.error().detail}, log);
}

// Balancers see that this one is to be left, while it still serves. A second signal means that they have.
void await_drain_delay(const Server& server, const Signals& signals) {
  const auto deadline = std::chrono::steady_clock::now() + server.config()->server.drain_delay;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    const int signal = signals.wait(left);
    if (signal == SIGTERM || signal == SIGINT) return;
  }
}

// Until nothing is under way, the time is over, or a second signal ends it.
void await_drain(const Server& server, const Signals& signals, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!server.drained() && std::chrono::steady_clock::now() < deadline) {
    const int signal = signals.wait(kLookAgain);
    if (signal == SIGTERM || signal == SIGINT) return;
  }
}

}  // namespace

int serve(const ServeOptions& given) {
  const Signals signals;
  ServeOptions options = given;
  std::optional<TemporaryFolder> demo;  // ends after all that works in it
  if (options.demo) {
    demo.emplace("gateway-demo");
    if (!demo->error().empty()) return failure({ErrorCode::unavailable, demo->error()});
    options.database = demo->path() + "/gateway.db";
  }
  raise_descriptor_limit();
  std::vector<std::string> mistakes;
  auto settings = read_settings(options, mistakes);
  for (const std::string& mistake : mistakes) std::fprintf(stderr, "%s\n", mistake.c_str());
  if (!settings) return mistakes.empty() ? failure(settings.error()) : 1;

  LogWriter log({.format = options.log_format, .least = options.debug ? LogLevel::debug : LogLevel::info});
  log_warnings(settings->warnings, log);
  auto store = open_store(settings->database, {.log = log.callback()});
  if (!store) return failure(store.error());
  if (auto claimed = claim_journal_directory(settings->config, settings->database); !claimed)
    return failure(claimed.error());
  FirstRun first;
  std::size_t stored_projects = 0;
  const auto prepare = [&](Store& opened) -> Result<void> {
    if (settings->config_path.empty()) {
      if (options.demo) {
        if (auto filled = fill_demo(opened, wall_now()); !filled) return filled;
      }
      auto made = prepare_first_run(opened, settings->config);
      if (!made) return std::move(made).error();
      first = std::move(*made);
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
  TokenKeeper tokens(settings->config, log.callback());
  const auto connect = [&] { return open_store(settings->database, {.create = false}); };
  Sweeper sweeper({.journal_directory = journal_directory(settings->config, settings->database),
                   .log = log.callback(),
                   .connect = connect,
                   .every = options.sweep_every});
  const auto on_listening = [&](Store& opened) -> Result<void> {
    if (auto prepared = prepare(opened); !prepared) return prepared;
    const auto swept = sweeper.sweep(opened);
    return swept ? Result<void>() : Result<void>(swept.error());
  };
  const WallTime started = wall_now();
  std::atomic<int> exports{0};  // under way
  RowStreams row_streams(
      {.connect = [&] { return open_store(settings->database, {.create = false, .read_only = true}); },
       .now = wall_now});
  IdleStores idle_stores(settings->database);
  operations::Readings readings;
  std::unique_ptr<AdminThreads> administration;
  std::unique_ptr<mcp::Service> agents;
  mcp::CallThreads agent_calls;
  const auto mounts = [&](Server& running) {
    tokens.start(running.core());  // before anything is served
    administration =
        std::make_unique<AdminThreads>([&, server = &running](const AdminRequest& call, const WritePiece& write) {
          AdminApi::Options admin = admin_options(*server, options, *settings, nightly, tokens, log, started);
          admin.exports = &exports;
          admin.readings = &readings;
          admin.idle_stores = &idle_stores;
          return AdminApi(std::move(admin)).answer(call, write);
        });
    agents = std::make_unique<mcp::Service>([&, server = &running] {
      return mcp_sources(admin_options(*server, options, *settings, nightly, tokens, log, started));
    });
    std::vector<Mount> all = mcp::mcp_mounts({agent_calls, *agents});
    all.push_back(admin_mount(*administration, &row_streams));
    all.push_back(session_mount(*administration));
    all.push_back(dashboard_mount());
    all.push_back(front_mount());
    return all;
  };
  const auto end_others = [&] {
    row_streams.stop();
    if (administration) administration->stop();
    idle_stores.close();
    agent_calls.stop();
    sweeper.stop();
    tokens.stop();
  };
  const std::string lists = catalogue_directory(settings->database);
  auto server = Server::start(
      std::move(*store),
      {.config = settings->config,
       .journal_directory = journal_directory(settings->config, settings->database),
       .log = log.callback(),
       .catalogues = fetched_catalogues(lists, log),
       .on_catalogue = [&](const auto& list) { keep_catalogue(lists, list, log); },
       .more_metrics = [&] { return nightly.metrics() + tokens.metrics(); },
       .on_listening = on_listening,
       .first_run =
           [&first] { return first.administration ? std::optional(first.administration->token) : std::nullopt; },
       .mounts = mounts,
       .on_stopping = end_others});
  if (!server) {
    if (first.key) show_first_run({}, first, options);  // it exists, and nobody will be shown it again
    return failure(server.error());
  }
  const bool has_tls = !settings->config.server.tls.certificate.empty();
  const auto note = ListeningNote::write(
      journal_directory(settings->config, settings->database),
      {first_url((*server)->addresses(), has_tls), first_url((*server)->addresses(Service::administration), has_tls)});
  sweeper.start((*server)->core());
  log.log({LogLevel::info, start_line(*settings, **server, stored_projects), {}, nullptr});
  for (const auto& [service, what] : {std::pair(Service::administration, "serving the administration on "),
                                      std::pair(Service::metrics, "serving metrics on ")}) {
    for (const std::string& address : (*server)->addresses(service))
      log.log({LogLevel::info, what + address, {}, nullptr});
  }
  if (first.key) {
    show_first_run((*server)->addresses(), first, options);
  } else {
    log.log({LogLevel::info, key_hint(options, *settings), {}, nullptr});
  }

  for (int signal; (signal = signals.wait()) == SIGHUP;) reload(**server, options, nightly, tokens, log, {});
  (*server)->end_readiness();
  await_drain_delay(**server, signals);
  log.log({LogLevel::info, "draining: no new connections, streams finish", {}, nullptr});
  row_streams.stop();  // they have no end of their own
  (*server)->drain();
  await_drain(**server, signals, settings->config.server.drain);
  if (!(*server)->stop()) {
    log.log({LogLevel::error, kUnwritten, {}, nullptr});
    return 1;
  }
  log.log({LogLevel::info, "stopped", {}, nullptr});
  return 0;
}

}  // namespace gateway::app
