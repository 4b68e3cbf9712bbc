#include "policy/routing/target_health.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::chrono::milliseconds kLongestOpen{60'000};
constexpr std::chrono::minutes kForgetAfter{10};
constexpr int kMostDoublings = 16;

std::int64_t ticks_of(TimePoint t) noexcept { return t.time_since_epoch().count(); }

void raise_to(std::atomic<std::int64_t>& value, std::int64_t least) noexcept {
  std::int64_t old = value.load(std::memory_order_relaxed);
  while (old < least && !value.compare_exchange_weak(old, least, std::memory_order_relaxed)) {
  }
}

// Never all that open it to everybody: of five three.
int counted_per_project(int failures_to_open) noexcept {
  return std::max(1, std::min(failures_to_open / 2 + 1, failures_to_open - 1));
}

}  // namespace

TargetHealth::TargetHealth(TargetHealthOptions options)
    : options_(options),
      to_open_all_(std::max(2, options.failures_to_open)),
      counted_per_project_(counted_per_project(options.failures_to_open)) {
  row_.reserve(static_cast<std::size_t>(to_open_all_));
}

TargetHealth::Pass TargetHealth::admits(TimePoint now, ProjectMark project) noexcept {
  if (ticks_of(now) < cooling_until_.load(std::memory_order_relaxed)) return {};
  switch (state(now, project)) {
    case State::closed:
      return {true, 0, project};
    case State::open:
      return {};
    case State::half_open:
      break;
  }
  std::uint32_t before = probe_.load(std::memory_order_acquire);
  if (before != 0 && ticks_of(now) < probe_until_.load(std::memory_order_relaxed)) return {};
  const std::uint32_t number = std::max(1u, probes_.fetch_add(1, std::memory_order_relaxed) + 1);  // it may go round
  // The time first: nobody may see a probe that has just begun with a time long past.
  raise_to(probe_until_, ticks_of(now + options_.open_for));
  if (!probe_.compare_exchange_strong(before, number, std::memory_order_acq_rel)) return {};
  return {true, number, project};
}

void TargetHealth::on_success() noexcept {
  if (!has_row_.load(std::memory_order_acquire) && openings_.load(std::memory_order_acquire) == 0 &&
      !asks_again_.load(std::memory_order_relaxed)) {
    return;
  }
  const std::lock_guard lock(changing_);
  row_.clear();
  has_row_.store(false, std::memory_order_relaxed);
  asks_again_.store(false, std::memory_order_relaxed);
  openings_.store(0, std::memory_order_release);
  probe_.store(0, std::memory_order_release);
}

bool TargetHealth::on_failure(Pass pass, TimePoint now) noexcept {
  raise_to(troubled_, ticks_of(now));
  const std::lock_guard lock(changing_);
  const int openings = openings_.load(std::memory_order_relaxed);
  const Others others = others_.load(std::memory_order_relaxed);
  const ProjectMark shut_to = shut_to_.load(std::memory_order_relaxed);
  if (openings == 0 || (others == Others::free && pass.project != shut_to)) {
    on_cancelled(pass);
    return count(pass.project, now);
  }
  if (pass.probe == 0 || pass.probe != probe_.load(std::memory_order_acquire)) return false;
  if (others == Others::probe && pass.project != shut_to) {
    open(openings, pass.project, Others::shut, now);
  } else {
    open(openings + 1, pass.project, others == Others::free ? Others::free : Others::probe, now);
  }
  return true;
}

bool TargetHealth::count(ProjectMark project, TimePoint now) noexcept {
  auto own = std::find_if(row_.begin(), row_.end(), [project](const Failures& f) { return f.project == project; });
  if (own == row_.end()) own = row_.insert(row_.end(), {project, 0});
  own->count = std::min(own->count + 1, options_.failures_to_open);
  has_row_.store(true, std::memory_order_release);
  int counted = 0;
  for (const Failures& failures : row_) counted += std::min(failures.count, counted_per_project_);
  if (counted >= to_open_all_) {
    row_.clear();
    has_row_.store(false, std::memory_order_relaxed);
    open(1, project, Others::shut, now);
    return true;
  }
  if (own->count < options_.failures_to_open) return false;
  open(1, project, Others::free, now);
  return true;
}

void TargetHealth::open(int openings, ProjectMark project, Others others, TimePoint now) noexcept {
  const auto doubled = options_.open_for * (std::int64_t{1} << std::min(openings - 1, kMostDoublings));
  const Duration length = std::min<Duration>(doubled, std::max(kLongestOpen, options_.open_for));
  // The time first: nobody may see the breaker tripped with a time long past, and probe.
  open_until_.store(ticks_of(now + length), std::memory_order_release);
  shut_to_.store(project, std::memory_order_release);
  others_.store(others, std::memory_order_release);
  openings_.store(openings, std::memory_order_release);
  probe_.store(0, std::memory_order_release);
}

void TargetHealth::on_cooling(Pass pass, TimePoint now, Cooling why,
                              std::optional<std::chrono::milliseconds> wish) noexcept {
  raise_to(troubled_, ticks_of(now));
  const auto wanted = wish.value_or(options_.default_cool);
  if (wanted > options_.longest_cool) asks_again_.store(true, std::memory_order_relaxed);
  cooling_why_.store(why, std::memory_order_relaxed);
  raise_to(cooling_until_, ticks_of(now + std::min(wanted, options_.longest_cool)));
  on_cancelled(pass);
}

void TargetHealth::on_cancelled(Pass pass) noexcept {
  std::uint32_t own = pass.probe;
  if (own != 0) probe_.compare_exchange_strong(own, 0, std::memory_order_acq_rel);
}

TargetHealth::State TargetHealth::state(TimePoint now, ProjectMark project) const noexcept {
  const State worst = worst_state(now);
  if (openings_.load(std::memory_order_acquire) == 0) return worst;
  const Others others = others_.load(std::memory_order_acquire);
  if (others == Others::shut || shut_to_.load(std::memory_order_acquire) == project) return worst;
  if (others == Others::probe) return State::half_open;
  return asks_again_.load(std::memory_order_relaxed) ? State::half_open : State::closed;
}

TargetHealth::State TargetHealth::worst_state(TimePoint now) const noexcept {
  if (openings_.load(std::memory_order_acquire) == 0) {
    return asks_again_.load(std::memory_order_relaxed) ? State::half_open : State::closed;
  }
  return ticks_of(now) < open_until_.load(std::memory_order_acquire) ? State::open : State::half_open;
}

Duration TargetHealth::cooling(TimePoint now) const noexcept {
  const std::int64_t until = cooling_until_.load(std::memory_order_relaxed);
  return until <= ticks_of(now) ? Duration{0} : Duration{until - ticks_of(now)};
}

bool TargetHealth::is_idle(TimePoint now) const noexcept {
  const std::int64_t troubled = troubled_.load(std::memory_order_relaxed);
  const bool quiet = troubled == INT64_MIN || ticks_of(now) - troubled > Duration(kForgetAfter).count();
  return quiet && cooling(now) == Duration{0};
}

TimePoint TargetHealth::usable_from(TimePoint now, ProjectMark project) const noexcept {
  std::int64_t from = std::max(ticks_of(now), cooling_until_.load(std::memory_order_relaxed));
  if (state(now, project) == State::open) from = std::max(from, open_until_.load(std::memory_order_acquire));
  return TimePoint{Duration{from}};
}

}  // namespace gateway
