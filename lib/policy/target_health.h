// Which targets to leave alone for a while. Lock-free, shared by all threads, told the time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "gateway/time.h"

namespace gateway {

struct TargetHealthOptions {
  int failures_to_open = 5;                         // in a row
  std::chrono::milliseconds open_for{10'000};       // doubled each time the probe fails, up to a minute
  std::chrono::milliseconds default_cool{2'000};    // after a 429 without retry-after
};

// A circuit breaker, and the cooling down that a 429 asks for.
class TargetHealth {
 public:
  enum class State : std::uint8_t { closed, open, half_open };

  explicit TargetHealth(TargetHealthOptions options = {}) : options_(options) {}

  // Whether to dispatch now. In half_open one caller at a time gets true: the probe.
  bool admits(TimePoint now) noexcept;
  void on_success(TimePoint now) noexcept;
  void on_failure(TimePoint now) noexcept;  // 5xx, time-outs, garbage, unreachable
  void on_rate_limited(TimePoint now, std::optional<std::chrono::milliseconds> retry_after) noexcept;
  void on_cancelled() noexcept;  // neither: frees the probe

  State state(TimePoint now) const noexcept;
  Duration cooling(TimePoint now) const noexcept;  // zero: not

 private:
  TargetHealthOptions options_;
  std::atomic<int> failures_{0};
  std::atomic<int> openings_{0};
  std::atomic<std::int64_t> closed_until_{INT64_MIN};  // open or cooling until then
  std::atomic<bool> probing_{false};
};

}  // namespace gateway
