// The ledger against the providers' bills, once a night: for each provider of type openrouter with a management key.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "app/background/reconcile.h"
#include "gateway/config.h"
#include "gateway/log.h"
#include "operations/reconciliation.h"

namespace gateway::app {

// A minute after the start, then each night at 02:30 UTC, when the last day's bill is there: the last three days that
// are over. It reports what differs, and books that if the configuration says so (reconcile.book): only of days that
// the bill has a line of, since a bill that is late has none.
class NightlyReconciliation {
 public:
  struct Options {
    Config config;
    std::string database;  // must be there
    LogCallback log;
    std::optional<std::chrono::milliseconds> every{};  // instead; also the first time
  };
  explicit NightlyReconciliation(Options options);
  // Stops at once, also while it waits for a provider.
  ~NightlyReconciliation() = default;
  NightlyReconciliation(const NightlyReconciliation&) = delete;
  NightlyReconciliation& operator=(const NightlyReconciliation&) = delete;

  // Any thread: from the next time on.
  void use(const Config& config);
  // What it found last. Any thread.
  operations::ReconciliationReport report() const;
  std::string metrics() const;

 private:
  using Found = operations::ComparedBill;
  void run(const std::stop_token& stop);
  void reconcile_all(const std::stop_token& stop);
  void reconcile_one(const Config& config, Found& found, const std::stop_token& stop) const;
  static Result<void> book(Ledger& ledger, const Reconciliation& done, Found& found);
  void tell(const Found& found) const;

  const std::string database_;
  const LogCallback log_;
  const std::optional<std::chrono::milliseconds> every_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Config config_;  // this and what follows: under mutex_
  operations::ReconciliationReport report_;
  std::jthread thread_;  // last: it uses all of the above
};

// The first moment after `now` that is 02:30 UTC.
WallTime next_night(WallTime now);

}  // namespace gateway::app
