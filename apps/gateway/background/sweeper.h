// Clearing up after other processes on the same database: at the start, and from then on beside the work.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "app/background/ledger_sweep.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/store.h"

namespace gateway::app {

class Sweeper {
 public:
  struct Options {
    std::string journal_directory;
    LogCallback log;
    // A connection of its own, so that the ledger's thread never waits for a sweep. It must not create a database if
    // there is none.
    std::function<Result<std::unique_ptr<Store>>()> connect;
    std::chrono::milliseconds every{30'000};
  };
  explicit Sweeper(Options options) : options_(std::move(options)) {}
  ~Sweeper() { stop(); }
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

  // Replays the journals of the dead, closes their rows, frees their slices; logs what it did. Returns
  // whether there was any process to recover. Before start().
  Result<bool> sweep(Store& store);
  // From now on, on a thread of its own: what earlier processes left to be queried from providers is taken up, and the
  // sweep repeated. The core outlives it, or stop() comes first.
  void start(Core& core);
  void stop();

 private:
  void run(const std::stop_token& stop, Core& core);
  void recover_dead_processes(Core& core);
  void resume_backfill(Core& core, Store& store) const;
  void log(LogLevel level, const std::string& message) const;

  const Options options_;
  std::set<std::string> unreadable_;  // journals that have been reported: they stay where they are
  bool failing_ = false;              // so that it is reported once
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace gateway::app
