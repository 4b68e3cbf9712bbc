// The entire server: the store, the journals, the core, and the threads that work on them.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/server/connection_gate.h"
#include "app/server/ledger_thread.h"
#include "app/server/worker.h"
#include "gateway/config.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/mapped_journal.h"
#include "gateway/store.h"

namespace gateway::app {

class Server {
 public:
  struct Options {
    Config config;
    std::string journal_directory;
    LogCallback log;
    std::vector<FetchedCatalogue> catalogues{};                   // see CoreOptions
    std::function<void(const FetchedCatalogue&)> on_catalogue{};  // likewise
    std::function<std::string()> more_metrics{};                  // likewise
    // Called once it listens, before anything is done with the store: what is made there is not made in vain because a
    // port is taken. Optional.
    std::function<Result<void>(Store&)> on_listening{};
    // Access::first_run, requested after that. Optional.
    std::function<std::optional<KeyHash>()> first_run{};
    // Returns what is served beside the gateway. Called once, when the core is there and before anything is served.
    // Optional.
    std::function<std::vector<Mount>(Server&)> mounts{};
    // Called by stop() first of all, and again by each later one: ends what uses the core on threads of its own.
    // Optional.
    std::function<void()> on_stopping{};
  };
  // Listens, and serves. Errors: what keeps it from that, in one line.
  static Result<std::unique_ptr<Server>> start(std::unique_ptr<Store> store, Options options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Where it listens, with the ports the system chose.
  const std::vector<std::string>& addresses(Service service = Service::clients) const noexcept {
    return addresses_[static_cast<std::size_t>(service)];
  }
  // Applies a new configuration, all of it or nothing. Returns the keys that differ from those it was started
  // with and take effect after a restart. Any thread.
  Result<std::vector<std::string>> reload(const Config& config);
  // Has a new one serve a share of the requests beside it, until reload() or unstage(). Any thread.
  Result<void> stage(const Config& config, StagedShare share);
  void unstage();
  std::shared_ptr<const Config> staged() const;  // null: none is
  // The one in place. Any thread.
  std::shared_ptr<const Config> config() const;
  // Once it has started, and not after stop().
  Core& core() noexcept { return *core_; }
  unsigned workers() const noexcept { return shared_.workers; }
  // GET /readyz fails from now on, and nothing else changes: for balancers, ahead of drain().
  void end_readiness();
  // No new connections, no new exchanges.
  void drain();
  bool drained() const noexcept { return shared_.clients.count() + shared_.operators.count() == 0; }
  // Breaks off what is left, ends the threads and writes the ledger. False: not all of it could be written.
  bool stop();

 private:
  Server(std::unique_ptr<Store> store, Options options);
  Result<void> begin();
  std::string metrics() const;
  Result<std::vector<std::vector<ListeningSocket>>> listen(unsigned workers);

  Options options_;
  std::optional<KeyHash> first_run_;  // set before the workers start
  std::unique_ptr<Store> store_;
  std::unique_ptr<MappedJournals> journals_;
  std::unique_ptr<Core> core_;
  ServerShared shared_;
  std::array<std::vector<std::string>, 3> addresses_;  // by Service
  mutable std::mutex reloading_;
  std::shared_ptr<const Config> config_, staged_;  // under reloading_
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<LedgerThread> ledger_;
};

}  // namespace gateway::app
