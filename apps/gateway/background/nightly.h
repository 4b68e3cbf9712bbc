// The ledger against the providers' bills, once a night: for each provider of type openrouter with a management key.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "billing/reconcile.h"
#include "gateway/config.h"
#include "gateway/log.h"

namespace gateway::app {

// A minute after the start, then each night at 02:30 UTC, when the last day's bill is there: the last three days that
// are over. It only tells; booking is `gateway reconcile --book`.
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
  std::string json() const;
  std::string metrics() const;

 private:
  struct Found {
    std::string provider;
    WallTime finished{};
    std::string trouble;                // why it could not be done; empty: it was
    WallTime since{}, until{};          // what follows is of the last time that it could
    std::vector<ReconciledLine> lines;  // those that differ
    MoneySum ledger, billed;
  };
  void run(const std::stop_token& stop);
  void reconcile_all(const std::stop_token& stop);
  void reconcile_one(const Config& config, Found& found, const std::stop_token& stop) const;
  void tell(const Found& found) const;

  const std::string database_;
  const LogCallback log_;
  const std::optional<std::chrono::milliseconds> every_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Config config_;              // this and what follows: under mutex_
  std::vector<Found> found_;   // by provider, in the configuration's order
  WallTime last_success_{};    // when all providers' bills could be compared
  std::int64_t failures_ = 0;  // bills that could not be
  std::jthread thread_;        // last: it uses all of the above
};

// The first moment after `now` that is 02:30 UTC.
WallTime next_night(WallTime now);

}  // namespace gateway::app
