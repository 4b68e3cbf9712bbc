// How many connections there are, over all workers, and whether one more may be taken.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "gateway/time.h"

namespace gateway::app {

class ConnectionGate {
 public:
  struct Limits {
    std::int64_t connections = 10'000;
    std::int64_t per_address = 0;          // 0: none
    std::int64_t descriptors = INT64_MAX;  // more are not even accepted: providers' connections need descriptors too
  };
  explicit ConnectionGate(const Limits& limits) { set(limits); }

  // Any thread.
  void set(const Limits& limits) noexcept;
  bool has_descriptors() const noexcept { return count() < descriptors_.load(std::memory_order_relaxed); }
  bool counts_addresses() const noexcept { return per_address_.load(std::memory_order_relaxed) > 0; }
  std::int64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

  bool is_full() const noexcept { return count() >= most_.load(std::memory_order_relaxed); }

  std::int64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }  // since the start

  // True: a connection is counted, until leave() with the same address. An empty address is not counted by itself.
  bool enter(const std::string& address);
  void leave(const std::string& address);
  // One that was in has to go for another's sake.
  void count_refused() noexcept { refused_.fetch_add(1, std::memory_order_relaxed); }
  // After a refusal: how many there were since it was last reported, once a second at most; else 0.
  std::int64_t take_unreported(TimePoint now) noexcept;

 private:
  bool admit(const std::string& address);

  std::atomic<std::int64_t> count_{0}, most_{0}, per_address_{0}, descriptors_{0};
  std::atomic<std::int64_t> refused_{0}, reported_{0};
  std::atomic<std::int64_t> tell_next_{INT64_MIN};  // ns on the monotonic clock
  std::mutex mutex_;
  std::unordered_map<std::string, std::int64_t> addresses_;  // under mutex_
};

}  // namespace gateway::app
