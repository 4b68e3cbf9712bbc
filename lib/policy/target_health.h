// Which targets to leave alone for a while. Lock-free, shared by all threads, told the time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "gateway/time.h"

namespace gateway {

struct TargetHealthOptions {
  int failures_to_open = 5;                       // in a row
  std::chrono::milliseconds open_for{10'000};     // doubled each time the probe fails, up to a minute
  std::chrono::milliseconds default_cool{2'000};  // after a 429 without retry-after
};

// A circuit breaker, and the cooling down that a 429 asks for. Every admitted attempt reports one of the four outcomes.
// Attempts that were under way when it opened may still close it by success; their failures change nothing.
class TargetHealth {
 public:
  enum class State : std::uint8_t { closed, open, half_open };

  explicit TargetHealth(TargetHealthOptions options = {}) : options_(options) {}

  // Whether to dispatch now. In half_open one caller at a time gets true: the probe.
  bool admits(TimePoint now) noexcept;
  void on_success(TimePoint now) noexcept;
  void on_failure(TimePoint now) noexcept;  // 5xx, time-outs, garbage, unreachable
  // Neither a success nor a failure: a provider that counts its clients is alive. A longer cooling stays.
  void on_rate_limited(TimePoint now, std::optional<std::chrono::milliseconds> retry_after) noexcept;
  void on_cancelled() noexcept;  // neither: frees the probe

  State state(TimePoint now) const noexcept;
  Duration cooling(TimePoint now) const noexcept;  // zero: not

 private:
  void open(int openings, TimePoint now) noexcept;

  TargetHealthOptions options_;
  std::atomic<int> failures_{0};                     // in a row
  std::atomic<int> openings_{0};                     // in a row; 0: closed
  std::atomic<std::int64_t> open_until_{INT64_MIN};  // ns on the monotonic clock
  std::atomic<std::int64_t> cooling_until_{INT64_MIN};
  std::atomic<bool> probing_{false};
};

}  // namespace gateway
