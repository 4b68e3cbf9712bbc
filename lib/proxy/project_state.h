// What lives longer than a configuration: limits in use, spend, health, running means. Made once, never freed while the
// core lives, so that exchanges hold plain pointers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "policy/rate_limit.h"
#include "policy/running_mean.h"
#include "policy/spend.h"
#include "policy/target_health.h"

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
  Spend spend;
  UsageFigures usage;
};

// What one project's requests to one model were like.
struct ModelMeans {
  RunningMean output_tokens;
  RunningMean cost;  // in 10^-12 USD
};

// Things of type T by two names, shared by all threads, made when first asked for. Bounded: past the bound all
// newcomers share one. Each thread keeps what it found in a StateCache, so the lock is taken once a name and thread.
template <class T>
class StateTable {
 public:
  explicit StateTable(std::size_t bound) : bound_(bound) {}

  T& get(std::string_view a, std::string_view b = {}) {
    const std::lock_guard lock(mutex_);
    std::string name = key(a, b);
    if (const auto found = table_.find(name); found != table_.end()) return *found->second;
    if (table_.size() >= bound_) return rest_;
    return *table_.emplace(std::move(name), std::make_unique<T>()).first->second;
  }
  template <class F>
  void each(F&& visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, state] : table_) {
      const std::size_t cut = name.find('\0');
      visit(std::string_view(name).substr(0, cut), std::string_view(name).substr(cut + 1), *state);
    }
  }
  static std::string key(std::string_view a, std::string_view b) {
    std::string name;
    name.reserve(a.size() + b.size() + 1);
    return name.append(a).append(1, '\0').append(b);
  }

 private:
  std::size_t bound_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<T>> table_;
  T rest_;
};

// One thread's view of a StateTable.
template <class T>
class StateCache {
 public:
  explicit StateCache(StateTable<T>& table) : table_(table) {}

  T& get(std::string_view a, std::string_view b = {}) {
    name_.assign(a).append(1, '\0').append(b);
    if (const auto found = seen_.find(name_); found != seen_.end()) return *found->second;
    T& state = table_.get(a, b);
    if (seen_.size() >= kBound) seen_.clear();
    seen_.emplace(name_, &state);
    return state;
  }

 private:
  static constexpr std::size_t kBound = 8192;
  StateTable<T>& table_;
  std::unordered_map<std::string, T*> seen_;
  std::string name_;
};

}  // namespace gateway
