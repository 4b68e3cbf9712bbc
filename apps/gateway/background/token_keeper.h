// Keeps the keys of providers fresh that have them made by a command (providers.NAME.token_command).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/config.h"
#include "gateway/gateway.h"
#include "gateway/log.h"

namespace gateway::app {

// Each command is run at the start, then as often as it is configured, and no later than when three quarters of its
// token's life are over. If it fails, the key before stays, the log has an error, and it is run again after 1 s, 2 s,
// 4 s, ... up to a minute.
class TokenKeeper {
 public:
  TokenKeeper(Config config, LogCallback log);
  ~TokenKeeper() { stop(); }
  TokenKeeper(const TokenKeeper&) = delete;
  TokenKeeper& operator=(const TokenKeeper&) = delete;

  // Runs each command once, then goes on on a thread of its own. The core outlives it, or stop() comes first.
  void start(Core& core);
  // After a reload: what is new is run at once. Any thread.
  void use(const Config& config);
  void stop();
  std::string metrics() const;  // any thread

 private:
  struct Kept {
    ProviderConfig provider;
    std::chrono::steady_clock::time_point due{};  // the first time: at once
    Secret key;                                   // the last that was made
    int failures = 0;                             // since then
    std::int64_t all_failures = 0;
  };
  void run(const std::stop_token& stop, Core& core);
  void run_due(const std::stop_token& stop, Core& core);
  void make(const ProviderConfig& provider, const std::stop_token& stop, Core& core);

  const LogCallback log_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool has_changed_ = false;          // this and what follows: under mutex_
  std::map<std::string, Kept> kept_;  // by provider
  std::jthread thread_;
};

}  // namespace gateway::app
