// How a target does lately: how soon its answers begin, how much it is doing, and how much of what it reads comes from
// its cache. Lock-free; shared by all threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "gateway/time.h"

namespace gateway {

class TargetPace {
 public:
  void on_dispatch() noexcept { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  // With the tokens that it read, and how many of them from its cache.
  void on_settled(std::int64_t input, std::int64_t cached) noexcept {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    if (input <= 0) return;
    const std::int64_t share = std::clamp<std::int64_t>(cached, 0, input) * kAll / input;
    const std::int64_t mean = cached_share_.load(std::memory_order_relaxed);
    cached_share_.store(mean + (share - mean) / 8, std::memory_order_relaxed);
  }
  // An eighth of each new one; after a long silence the new one alone. Of two at once one may be lost.
  void on_first_event(Duration after, TimePoint now) noexcept {
    const std::int64_t fresh = after.count() > 0 ? after.count() : 1;
    const std::int64_t mean = mean_.load(std::memory_order_relaxed);
    const bool counts = mean > 0 && !is_stale(now);
    mean_.store(counts ? mean + (fresh - mean) / 8 : fresh, std::memory_order_relaxed);
    seen_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }

  // Of so many tokens, how many probably come from its cache.
  std::int64_t cached_of(std::int64_t tokens) const noexcept {
    return tokens / kAll * cached_share_.load(std::memory_order_relaxed) +
           tokens % kAll * cached_share_.load(std::memory_order_relaxed) / kAll;
  }
  std::int64_t in_flight() const noexcept { return in_flight_.load(std::memory_order_relaxed); }
  // Zero: none came in the last minutes.
  Duration first_event(TimePoint now) const noexcept {
    return is_stale(now) ? Duration{0} : Duration{mean_.load(std::memory_order_relaxed)};
  }

 private:
  static constexpr std::int64_t kAll = 1'000'000;
  static constexpr auto kForgetAfter = std::chrono::minutes(5);
  bool is_stale(TimePoint now) const noexcept {
    return now - TimePoint(Duration(seen_.load(std::memory_order_relaxed))) > kForgetAfter;
  }

  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<std::int64_t> cached_share_{0};  // of kAll
  std::atomic<std::int64_t> mean_{0};          // ns
  std::atomic<std::int64_t> seen_{0};          // ns on the monotonic clock
};

}  // namespace gateway
