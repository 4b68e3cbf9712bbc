#include "policy/routing/outliers.h"

#include <algorithm>

#include "policy/routing/route_hash.h"

namespace gateway {
namespace {

constexpr auto kHalfMinute = std::chrono::seconds(30);
constexpr auto kSoon = std::chrono::minutes(5);

std::int64_t half_of(TimePoint now) noexcept { return now.time_since_epoch() / kHalfMinute; }

double failing_share(const TargetRecord& record) noexcept {
  return static_cast<double>(record.failures) / static_cast<double>(record.attempts);
}

double mean_wait(const TargetRecord& record) noexcept {
  return static_cast<double>(record.waited.count()) / static_cast<double>(record.begun);
}

bool is_judged(const TargetRecord& record, const OutlierConfig& config) noexcept {
  return record.attempts >= std::max<std::int64_t>(1, config.least_attempts);
}

bool has_waited(const TargetRecord& record, const OutlierConfig& config) noexcept {
  return record.begun >= std::max<std::int64_t>(1, config.least_attempts);
}

bool fails_far_more(std::span<const JudgedTarget> targets, std::size_t which, const OutlierConfig& config) noexcept {
  const TargetRecord& own = targets[which].record;
  if (config.errors_over <= 0 || !is_judged(own, config)) return false;
  TargetRecord others;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (i == which || !is_judged(targets[i].record, config)) continue;
    others.attempts += targets[i].record.attempts;
    others.failures += targets[i].record.failures;
  }
  return others.attempts > 0 && failing_share(own) - failing_share(others) >= config.errors_over;
}

bool is_far_slower(std::span<const JudgedTarget> targets, std::size_t which, const OutlierConfig& config) noexcept {
  const TargetRecord& own = targets[which].record;
  if (config.slower_than <= 0 || !has_waited(own, config)) return false;
  std::array<double, kMaxTargets> waits;
  std::size_t count = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (i != which && has_waited(targets[i].record, config)) waits[count++] = mean_wait(targets[i].record);
  }
  if (count == 0) return false;
  const auto median = waits.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(waits.begin(), median, waits.begin() + static_cast<std::ptrdiff_t>(count));
  return mean_wait(own) > config.slower_than * *median;
}

// Who fails more often is worse, then who is slower.
bool is_worse(const TargetRecord& a, const TargetRecord& b) noexcept {
  const double fails_a = failing_share(a), fails_b = failing_share(b);
  if (fails_a != fails_b) return fails_a > fails_b;
  return a.begun > 0 && b.begun > 0 && mean_wait(a) > mean_wait(b);
}

}  // namespace

std::size_t most_resting(std::size_t targets, const OutlierConfig& config) noexcept {
  if (targets == 0) return 0;
  const double share = std::clamp(config.at_most, 0.0, 1.0) * static_cast<double>(targets);
  return std::min(static_cast<std::size_t>(share), targets - 1);
}

void find_outliers(std::span<const JudgedTarget> targets, const OutlierConfig& config,
                   std::span<Outlier> out) noexcept {
  std::array<std::size_t, kMaxTargets> found;
  std::size_t count = 0, resting = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    out[i] = Outlier::none;
    resting += targets[i].rests ? 1 : 0;
    if (targets[i].rests) continue;
    if (fails_far_more(targets, i, config)) {
      out[i] = Outlier::errors;
    } else if (is_far_slower(targets, i, config)) {
      out[i] = Outlier::slowness;
    }
    if (out[i] != Outlier::none) found[count++] = i;
  }
  const std::size_t most = most_resting(targets.size(), config);
  const std::size_t room = most > resting ? most - resting : 0;
  if (count <= room) return;
  std::stable_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count),
                   [&](std::size_t a, std::size_t b) { return is_worse(targets[a].record, targets[b].record); });
  for (std::size_t i = room; i < count; ++i) out[found[i]] = Outlier::none;
}

Duration rest_length(Duration last, TimePoint ended, TimePoint now, const OutlierConfig& config) noexcept {
  const bool again = last > Duration{0} && now - ended <= kSoon;
  return std::min<Duration>(again ? 2 * last : Duration(config.rest), config.longest_rest);
}

RecentRecord::Lot& RecentRecord::lot(std::string_view project, TimePoint now) noexcept {
  const std::int64_t number = half_of(now);
  Half& half = halves_[static_cast<std::size_t>(number & 1)];
  std::int64_t before = half.number.load(std::memory_order_relaxed);
  if (before != number && half.number.compare_exchange_strong(before, number, std::memory_order_relaxed)) {
    for (Lot& each : half.lots) {
      for (auto* count : {&each.attempts, &each.failures, &each.begun, &each.waited})
        count->store(0, std::memory_order_relaxed);
    }
  }
  return half.lots[hash_of(project) % kLots];
}

void RecentRecord::on_end(std::string_view project, bool failed, TimePoint now) noexcept {
  Lot& own = lot(project, now);
  own.attempts.fetch_add(1, std::memory_order_relaxed);
  if (failed) own.failures.fetch_add(1, std::memory_order_relaxed);
}

void RecentRecord::on_first_event(std::string_view project, Duration after, TimePoint now) noexcept {
  Lot& own = lot(project, now);
  own.begun.fetch_add(1, std::memory_order_relaxed);
  own.waited.fetch_add(after.count(), std::memory_order_relaxed);
}

TargetRecord RecentRecord::record_of(std::size_t lot, std::int64_t half) const noexcept {
  TargetRecord out;
  for (const Half& each : halves_) {
    const std::int64_t number = each.number.load(std::memory_order_relaxed);
    if (number != half && number != half - 1) continue;
    out.attempts += each.lots[lot].attempts.load(std::memory_order_relaxed);
    out.failures += each.lots[lot].failures.load(std::memory_order_relaxed);
    out.begun += each.lots[lot].begun.load(std::memory_order_relaxed);
    out.waited += Duration(each.lots[lot].waited.load(std::memory_order_relaxed));
  }
  return out;
}

TargetRecord RecentRecord::record(TimePoint now) const noexcept {
  const std::int64_t half = half_of(now);
  TargetRecord all, worst, slowest;
  for (std::size_t i = 0; i < kLots; ++i) {
    const TargetRecord each = record_of(i, half);
    all.attempts += each.attempts;
    all.failures += each.failures;
    all.begun += each.begun;
    all.waited += each.waited;
    if (each.failures > worst.failures) worst = each;
    if (each.waited > slowest.waited) slowest = each;
  }
  if (worst.attempts < all.attempts) {
    all.attempts -= worst.attempts;
    all.failures -= worst.failures;
  }
  if (slowest.begun < all.begun) {
    all.begun -= slowest.begun;
    all.waited -= slowest.waited;
  }
  return all;
}

void RecentRecord::clear() noexcept {
  for (Half& half : halves_) half.number.store(-1, std::memory_order_relaxed);
}

void TargetRest::begin(Outlier why, TimePoint now, const OutlierConfig& config) noexcept {
  const TimePoint ended{Duration{until_.load(std::memory_order_relaxed)}};
  const Duration last{length_.load(std::memory_order_relaxed)};
  const Duration length = rest_length(last, ended, now, config);
  why_.store(why, std::memory_order_relaxed);
  length_.store(length.count(), std::memory_order_relaxed);
  until_.store((now + length).time_since_epoch().count(), std::memory_order_relaxed);
}

Duration TargetRest::left(TimePoint now) const noexcept {
  const std::int64_t until = until_.load(std::memory_order_relaxed), moment = now.time_since_epoch().count();
  return until <= moment ? Duration{0} : Duration{until - moment};
}

Outlier TargetRest::why(TimePoint now) const noexcept {
  return rests(now) ? why_.load(std::memory_order_relaxed) : Outlier::none;
}

}  // namespace gateway
