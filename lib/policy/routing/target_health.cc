#include "policy/routing/target_health.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::chrono::milliseconds kLongestOpen{60'000};
constexpr std::chrono::minutes kForgetAfter{10};
constexpr int kMostDoublings = 16;

std::int64_t time_of(TimePoint t) noexcept { return t.time_since_epoch().count(); }

void raise_to(std::atomic<std::int64_t>& value, std::int64_t least) noexcept {
  std::int64_t old = value.load(std::memory_order_relaxed);
  while (old < least && !value.compare_exchange_weak(old, least, std::memory_order_relaxed)) {
  }
}

}  // namespace

TargetHealth::Pass TargetHealth::admits(TimePoint now) noexcept {
  if (time_of(now) < cooling_until_.load(std::memory_order_relaxed)) return {};
  switch (state(now)) {
    case State::closed:
      return {true, 0};
    case State::open:
      return {};
    case State::half_open:
      break;
  }
  if (probe_.load(std::memory_order_relaxed) != 0) return {};
  const std::uint32_t number = std::max(1u, probes_.fetch_add(1, std::memory_order_relaxed) + 1);  // it may go round
  std::uint32_t none = 0;
  if (!probe_.compare_exchange_strong(none, number, std::memory_order_acq_rel)) return {};
  return {true, number};
}

void TargetHealth::on_success() noexcept {
  failures_.store(0, std::memory_order_relaxed);
  asks_again_.store(false, std::memory_order_relaxed);
  openings_.store(0, std::memory_order_release);
  probe_.store(0, std::memory_order_release);
}

void TargetHealth::on_failure(Pass pass, TimePoint now) noexcept {
  raise_to(troubled_, time_of(now));
  const int openings = openings_.load(std::memory_order_acquire);
  if (openings == 0) {
    on_cancelled(pass);
    if (failures_.fetch_add(1, std::memory_order_relaxed) + 1 >= options_.failures_to_open) open(1, now);
  } else if (pass.probe != 0 && pass.probe == probe_.load(std::memory_order_acquire)) {
    open(openings + 1, now);
  }
}

void TargetHealth::open(int openings, TimePoint now) noexcept {
  const auto doubled = options_.open_for * (std::int64_t{1} << std::min(openings - 1, kMostDoublings));
  const Duration length = std::min<Duration>(doubled, std::max(kLongestOpen, options_.open_for));
  // The time first: nobody may see the breaker tripped with a time long past, and probe.
  open_until_.store(time_of(now + length), std::memory_order_release);
  openings_.store(openings, std::memory_order_release);
  probe_.store(0, std::memory_order_release);
}

void TargetHealth::on_cooling(Pass pass, TimePoint now, Cooling why,
                              std::optional<std::chrono::milliseconds> wish) noexcept {
  raise_to(troubled_, time_of(now));
  const auto wanted = wish.value_or(options_.default_cool);
  if (wanted > options_.longest_cool) asks_again_.store(true, std::memory_order_relaxed);
  cooling_why_.store(why, std::memory_order_relaxed);
  raise_to(cooling_until_, time_of(now + std::min(wanted, options_.longest_cool)));
  on_cancelled(pass);
}

void TargetHealth::on_cancelled(Pass pass) noexcept {
  std::uint32_t own = pass.probe;
  if (own != 0) probe_.compare_exchange_strong(own, 0, std::memory_order_acq_rel);
}

TargetHealth::State TargetHealth::state(TimePoint now) const noexcept {
  if (openings_.load(std::memory_order_acquire) == 0) {
    return asks_again_.load(std::memory_order_relaxed) ? State::half_open : State::closed;
  }
  return time_of(now) < open_until_.load(std::memory_order_acquire) ? State::open : State::half_open;
}

Duration TargetHealth::cooling(TimePoint now) const noexcept {
  const std::int64_t until = cooling_until_.load(std::memory_order_relaxed);
  return until <= time_of(now) ? Duration{0} : Duration{until - time_of(now)};
}

bool TargetHealth::is_idle(TimePoint now) const noexcept {
  const std::int64_t troubled = troubled_.load(std::memory_order_relaxed);
  const bool quiet = troubled == INT64_MIN || time_of(now) - troubled > Duration(kForgetAfter).count();
  return quiet && cooling(now) == Duration{0};
}

TimePoint TargetHealth::usable_from(TimePoint now) const noexcept {
  std::int64_t from = std::max(time_of(now), cooling_until_.load(std::memory_order_relaxed));
  if (openings_.load(std::memory_order_acquire) != 0) {
    from = std::max(from, open_until_.load(std::memory_order_acquire));
  }
  return TimePoint{Duration{from}};
}

}  // namespace gateway
