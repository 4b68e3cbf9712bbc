// The server as a whole: the store, the journals, the core, and the threads that work on them.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/admin/thread.h"
#include "app/background/ledger_thread.h"
#include "app/background/sweeper.h"
#include "app/server/connection_gate.h"
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
    std::string catalogue_directory{};            // where fetched model lists are kept; empty: nowhere
    std::function<std::string()> more_metrics{};  // see CoreOptions
    // Another connection to the database, for clearing up beside the work. Optional: without one that is done at the
    // start alone, and what earlier processes left to be asked of providers stays unasked.
    std::function<Result<std::unique_ptr<Store>>()> connect{};
    std::chrono::milliseconds sweep_every{30'000};
    // Called once it listens, before anything is done with the store: what is made there is not made in vain because a
    // port is taken. Optional.
    std::function<Result<void>(Store&)> on_listening{};
    // Answers the administration's calls, on a thread of its own, where the configuration has an admin_token. Optional.
    std::function<AdminAnswer(Server&, const AdminRequest&)> admin{};
  };
  // Recovers after dead processes, listens, and serves. Errors: what keeps it from that, in one line.
  static Result<std::unique_ptr<Server>> start(std::unique_ptr<Store> store, Options options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Where it listens, with the ports the system chose.
  const std::vector<std::string>& addresses(Service service = Service::clients) const noexcept {
    return addresses_[static_cast<std::size_t>(service)];
  }
  // Puts a new configuration in place, all of it or nothing. Returns the keys that differ from those it was started
  // with and take effect after a restart. Any thread.
  Result<std::vector<std::string>> reload(const Config& config);
  // The one in place. Any thread.
  std::shared_ptr<const Config> config() const;
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
  std::unique_ptr<Store> store_;
  std::unique_ptr<MappedJournals> journals_;
  std::unique_ptr<Core> core_;
  ServerShared shared_;
  std::array<std::vector<std::string>, 3> addresses_;  // by Service
  mutable std::mutex reloading_;
  std::shared_ptr<const Config> config_;  // under reloading_
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<LedgerThread> ledger_;
  Sweeper sweeper_;
  std::unique_ptr<AdminThread> admin_;
};

}  // namespace gateway::app
