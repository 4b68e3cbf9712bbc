#include "app/server/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/clock.h"
#include "app/server/cpu_count.h"
#include "base/prometheus.h"
#include "gateway/process_id.h"
#include "net/address.h"
#include "net/socket.h"

namespace gateway::app {
namespace {

constexpr std::int64_t kOwnDescriptors = 64;  // files, loops, listeners

unsigned worker_count(const Config& config) {
  return config.workers > 0 ? static_cast<unsigned>(config.workers) : usable_cpus();
}

// Each exchange may need a connection to a provider beside its client's.
std::int64_t descriptors_for_clients() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return INT64_MAX;
  return std::max<std::int64_t>(1, (static_cast<std::int64_t>(limit.rlim_cur) - kOwnDescriptors) / 2);
}

// Operators are few, and need not wait while clients have taken every descriptor.
constexpr ConnectionGate::Limits kOperators{.connections = 64, .per_address = 0, .descriptors = INT64_MAX};

ConnectionGate::Limits gate_limits(const Config& config) {
  return {config.server.max_connections, config.server.max_connections_per_address, descriptors_for_clients()};
}

// Where it listens is as it was at the start, whatever a reload says.
Result<WorkerSettings> settings_of(const Config& config, const Config& started,
                                   const std::optional<KeyHash>& first_run) {
  WorkerSettings settings;
  settings.limits = std::make_shared<const SessionLimits>(limits_of(config));
  settings.access = std::make_shared<const Access>(Access{.admin_token = config.admin_token,
                                                          .metrics_token = config.metrics.token,
                                                          .admin_elsewhere = !started.admin_listen.empty(),
                                                          .metrics_elsewhere = !started.metrics.listen.empty(),
                                                          .admin_tokens = config.admin_tokens,
                                                          .config = std::make_shared<const Config>(config),
                                                          .has_tls = !config.server.tls.certificate.empty(),
                                                          .has_dashboard = config.dashboard,
                                                          .first_run = first_run});
  if (config.server.tls.certificate.empty()) return settings;
  auto tls = net::TlsContext::load(config.server.tls.certificate, config.server.tls.key);
  if (!tls) return std::move(tls).error();
  settings.tls = std::move(*tls);
  return settings;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(std::unique_ptr<Store> store, Options options) {
  std::unique_ptr<Server> server(new Server(std::move(store), std::move(options)));
  if (auto begun = server->begin(); !begun) return std::move(begun).error();
  return server;
}

Server::Server(std::unique_ptr<Store> store, Options options)
    : options_(std::move(options)),
      store_(std::move(store)),
      shared_{.clients = ConnectionGate(gate_limits(options_.config)),
              .operators = ConnectionGate(kOperators),
              .session_memory = {},
              .workers = worker_count(options_.config),
              .guard = {},
              .mounts = {}},
      config_(std::make_shared<const Config>(options_.config)) {}

Server::~Server() { stop(); }

Result<void> Server::begin() {
  const unsigned workers = worker_count(options_.config);
  const std::uint64_t process = current_process();
  if (auto readable = settings_of(options_.config, options_.config, {}); !readable) return std::move(readable).error();
  // First of all, so that a second server on these addresses fails before it touches anything.
  auto sockets = listen(workers);
  if (!sockets) return std::move(sockets).error();
  if (options_.on_listening) {
    if (auto done = options_.on_listening(*store_); !done) return done;
  }
  if (options_.first_run) first_run_ = options_.first_run();
  auto settings = settings_of(options_.config, options_.config, first_run_);
  if (!settings) return std::move(settings).error();
  auto journals =
      MappedJournals::create({.directory = options_.journal_directory, .process = process, .workers = workers});
  if (!journals) return std::move(journals).error();
  journals_ = std::move(*journals);

  CoreOptions core_options;
  core_options.config = options_.config;
  core_options.store = store_.get();
  core_options.process = process;
  core_options.new_process = next_process;
  core_options.journals = journals_->journals();
  core_options.workers = workers;
  core_options.store_within = kStoredWithin;
  core_options.now = TimePoint(std::chrono::steady_clock::now());
  core_options.wall = wall_now();
  core_options.log = options_.log;
  core_options.more_metrics = [this] { return metrics(); };
  core_options.catalogues = std::move(options_.catalogues);
  core_options.on_catalogue = options_.on_catalogue;
  auto core = Core::create(std::move(core_options));
  if (!core) return std::move(core).error();
  core_ = std::move(*core);

  if (options_.mounts) shared_.mounts = options_.mounts(*this);
  for (unsigned i = 0; i < workers; ++i) {
    const Worker::Options each{core_.get(), &shared_, i, process, *settings, options_.log};
    workers_.push_back(std::make_unique<Worker>(each, std::move((*sockets)[i])));
  }
  ledger_ = std::make_unique<LedgerThread>(*core_, *journals_);
  for (const auto& worker : workers_) worker->start();
  return {};
}

Result<std::vector<std::vector<ListeningSocket>>> Server::listen(unsigned workers) {
  std::vector<std::vector<ListeningSocket>> sockets(workers);
  const Config& config = options_.config;
  const auto listen_at = [&](const std::vector<std::string>& texts, Service service) -> Result<void> {
    for (const std::string& text : texts) {
      auto address = net::parse_address(text);
      if (!address) return std::move(address).error();
      const bool local = address->is_unix();
      // Sharing a port is for this process's workers alone: another server there shall not go unnoticed.
      auto first = net::listen_on(*address, {.share_port = false});
      if (!first) return std::move(first).error();
      if (!local) {
        *address = net::local_address(first->get());
        first->reset();
      }
      addresses_[static_cast<std::size_t>(service)].push_back(address->text());
      for (auto& each : sockets) {
        auto socket = local ? Result<net::UniqueFd>(net::UniqueFd(::fcntl(first->get(), F_DUPFD_CLOEXEC, 0)))
                            : net::listen_on(*address);
        if (!socket) return std::move(socket).error();
        each.push_back({std::move(*socket), {service, local}});
      }
    }
    return {};
  };
  if (auto done = listen_at(config.listen, Service::clients); !done) return std::move(done).error();
  if (auto done = listen_at(config.admin_listen, Service::administration); !done) return std::move(done).error();
  if (auto done = listen_at(config.metrics.listen, Service::metrics); !done) return std::move(done).error();
  return sockets;
}

Result<std::vector<std::string>> Server::reload(const Config& config) {
  const std::lock_guard lock(reloading_);
  auto settings = settings_of(config, options_.config, first_run_);
  if (!settings) return std::move(settings).error();
  if (auto reloaded = core_->reload(config); !reloaded) return std::move(reloaded).error();
  shared_.clients.set(gate_limits(config));
  config_ = std::make_shared<const Config>(config);
  staged_.reset();
  for (const auto& worker : workers_) worker->apply(*settings);
  std::vector<std::string> after_restart;
  if (config.listen != options_.config.listen) after_restart.emplace_back("listen");
  if (config.admin_listen != options_.config.admin_listen) after_restart.emplace_back("admin.listen");
  if (config.metrics.listen != options_.config.metrics.listen) after_restart.emplace_back("metrics.listen");
  if (worker_count(config) != worker_count(options_.config)) after_restart.emplace_back("workers");
  if (config.database != options_.config.database) after_restart.emplace_back("database");
  if (config.journals != options_.config.journals) after_restart.emplace_back("journals");
  return after_restart;
}

// What is read only by a reload, certificates for instance, is read now too: a mistake is found before it matters.
Result<void> Server::stage(const Config& config, StagedShare share) {
  const std::lock_guard lock(reloading_);
  if (auto settings = settings_of(config, options_.config, first_run_); !settings) return std::move(settings).error();
  if (auto staged = core_->stage(config, share); !staged) return staged;
  staged_ = std::make_shared<const Config>(config);
  return {};
}

void Server::unstage() {
  const std::lock_guard lock(reloading_);
  core_->unstage();
  staged_.reset();
}

std::shared_ptr<const Config> Server::staged() const {
  const std::lock_guard lock(reloading_);
  return staged_;
}

std::shared_ptr<const Config> Server::config() const {
  const std::lock_guard lock(reloading_);
  return config_;
}

std::string Server::metrics() const {
  std::string out;
  prometheus::append_single(out, "gateway_connections", "gauge", "Connections of clients.",
                            shared_.clients.count() + shared_.operators.count());
  prometheus::append_single(out, "gateway_connections_refused_total", "counter", "Connections over the limits on them.",
                            shared_.clients.refused() + shared_.operators.refused());
  prometheus::append_single(out, "gateway_connection_memory_bytes", "gauge",
                            "What connections keep of requests and answers, bodies aside.",
                            shared_.session_memory.taken());
  if (options_.more_metrics) out += options_.more_metrics();
  return out;
}

void Server::end_readiness() {
  if (core_) core_->end_readiness();
}

void Server::drain() {
  if (core_) core_->drain();
  for (const auto& worker : workers_) worker->drain();
}

bool Server::stop() {
  if (options_.on_stopping) options_.on_stopping();
  for (const auto& worker : workers_) worker->abort_now();
  workers_.clear();
  const bool written = !ledger_ || ledger_->finish();
  ledger_.reset();
  // Nothing is held any more: other processes need not wait for these slices. If this fails, they are swept.
  if (core_ && written) static_cast<void>(store_->release_leases(core_->process()));
  core_.reset();
  journals_.reset();
  return written;
}

}  // namespace gateway::app
