#include "policy/target_health.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::chrono::milliseconds kLongestOpen{60'000};
constexpr int kMostDoublings = 16;

std::int64_t time_of(TimePoint t) noexcept { return t.time_since_epoch().count(); }

void raise_to(std::atomic<std::int64_t>& value, std::int64_t least) noexcept {
  std::int64_t old = value.load(std::memory_order_relaxed);
  while (old < least && !value.compare_exchange_weak(old, least, std::memory_order_relaxed)) {
  }
}

}  // namespace

bool TargetHealth::admits(TimePoint now) noexcept {
  if (time_of(now) < cooling_until_.load(std::memory_order_relaxed)) return false;
  switch (state(now)) {
    case State::closed:
      return true;
    case State::open:
      return false;
    case State::half_open:
      break;
  }
  return !probing_.exchange(true, std::memory_order_acq_rel);
}

void TargetHealth::on_success(TimePoint) noexcept {
  failures_.store(0, std::memory_order_relaxed);
  openings_.store(0, std::memory_order_release);
  probing_.store(false, std::memory_order_release);
}

void TargetHealth::on_failure(TimePoint now) noexcept {
  const int openings = openings_.load(std::memory_order_acquire);
  if (openings == 0) {
    if (failures_.fetch_add(1, std::memory_order_relaxed) + 1 >= options_.failures_to_open) open(1, now);
  } else if (probing_.load(std::memory_order_acquire)) {
    open(openings + 1, now);
  }
}

void TargetHealth::open(int openings, TimePoint now) noexcept {
  const auto doubled = options_.open_for * (std::int64_t{1} << std::min(openings - 1, kMostDoublings));
  const Duration length = std::min<Duration>(doubled, std::max(kLongestOpen, options_.open_for));
  // The time first: nobody may see the breaker tripped with a time long past, and probe.
  open_until_.store(time_of(now + length), std::memory_order_release);
  openings_.store(openings, std::memory_order_release);
  probing_.store(false, std::memory_order_release);
}

void TargetHealth::on_rate_limited(TimePoint now, std::optional<std::chrono::milliseconds> retry_after) noexcept {
  raise_to(cooling_until_, time_of(now + retry_after.value_or(options_.default_cool)));
  on_cancelled();
}

void TargetHealth::on_cancelled() noexcept { probing_.store(false, std::memory_order_release); }

TargetHealth::State TargetHealth::state(TimePoint now) const noexcept {
  if (openings_.load(std::memory_order_acquire) == 0) return State::closed;
  return time_of(now) < open_until_.load(std::memory_order_acquire) ? State::open : State::half_open;
}

Duration TargetHealth::cooling(TimePoint now) const noexcept {
  const std::int64_t until = cooling_until_.load(std::memory_order_relaxed);
  return until <= time_of(now) ? Duration{0} : Duration{until - time_of(now)};
}

}  // namespace gateway
