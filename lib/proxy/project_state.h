// What lives longer than a configuration: a project's limits in use and its spend, made once, never freed while the
// core lives, so that exchanges hold plain pointers; running means.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/shared_room.h"
#include "policy/limits/rate_limit.h"
#include "policy/limits/spend.h"
#include "policy/pricing/running_mean.h"
#include "policy/routing/retry.h"

namespace gateway {

// A project's cost in the calendar periods that hold now, UTC: kept by the ledger thread, read by any.
class UsageFigures {
 public:
  void set(Period period, Money cost) noexcept { at(period).store(cost.units(), std::memory_order_relaxed); }
  void add(Period period, Money cost) noexcept { set(period, get(period).plus_saturated(cost)); }
  Money get(Period period) const noexcept {
    return Money::units(costs_[static_cast<std::size_t>(period)].load(std::memory_order_relaxed));
  }

 private:
  std::atomic<std::int64_t>& at(Period period) noexcept { return costs_[static_cast<std::size_t>(period)]; }
  std::array<std::atomic<std::int64_t>, 4> costs_{};
};

struct ProjectState {
  RateLimits limits;
  SharedRoom buffered;                        // its part of CoreState::buffered
  SharedRoom buffered_waiting;                // likewise
  std::atomic<const void*> gathers{nullptr};  // the exchange whose large answer comes to its end before others
  Spend spend;
  UsageFigures usage;
  RetryBudget retries;
};

// The states of all projects by name, created when first requested. Any thread.
class ProjectStates {
 public:
  ProjectState& get(std::string_view name) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<ProjectState>& state = table_[std::string(name)];
    if (state == nullptr) state = std::make_unique<ProjectState>();
    return *state;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<ProjectState>> table_;
};

// What one project's requests to one model were like.
struct ModelMeans {
  static constexpr auto kForgetAfter = std::chrono::hours(1);

  void add(std::int64_t tokens, std::optional<Money> cost_of_it, TimePoint now) noexcept {
    output_tokens.add(tokens);
    if (cost_of_it) cost.add(cost_of_it->units());
    used_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }
  bool is_idle(TimePoint now) const noexcept {
    return now - TimePoint(Duration(used_.load(std::memory_order_relaxed))) > kForgetAfter;
  }

  RunningMean output_tokens;
  RunningMean cost;  // in 10^-12 USD

 private:
  std::atomic<std::int64_t> used_{0};  // ns on the monotonic clock
};

}  // namespace gateway
