// How a target does lately: how soon its answers begin, how often it fails, how much it is doing, and how much of what
// it reads comes from its cache. Lock-free; shared by all threads, and by all routes that have it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

#include "gateway/time.h"
#include "policy/routing/outliers.h"

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
    count(fresh);
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
  // How soon so many percent of its answers began, of some of the last; rounded up by at most an eighth. Zero: too few
  // came in the last minutes to say.
  Duration first_event(int percent, TimePoint now) const noexcept {
    std::int64_t all = 0, seen = 0;
    for (const auto& each : waits_) all += each.load(std::memory_order_relaxed);
    if (all < kLeastWaits || is_stale(now)) return Duration{0};
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      seen += waits_[slot].load(std::memory_order_relaxed);
      if (seen * 100 >= all * percent) return end_of(slot);
    }
    return end_of(kSlots - 1);
  }

  TargetRest rest;

 private:
  static constexpr std::int64_t kAll = 1'000'000;
  static constexpr auto kForgetAfter = std::chrono::minutes(5);
  // Waits are counted by size, an eighth of an octave of milliseconds each, and halved now and then.
  static constexpr std::uint64_t kPart = 8;
  static constexpr std::size_t kSlots = 18 * kPart;
  static constexpr std::int64_t kLeastWaits = 20;
  static constexpr std::uint32_t kHalveAfter = 512;

  static std::size_t slot_of(std::int64_t wait) noexcept {
    const auto ms = static_cast<std::uint64_t>(wait) / 1'000'000;
    if (ms < kPart) return static_cast<std::size_t>(ms);
    const auto octave = static_cast<unsigned>(std::bit_width(ms)) - 4;
    return std::min<std::size_t>(static_cast<std::size_t>((octave + 1) * kPart + (ms >> octave) - kPart), kSlots - 1);
  }
  static Duration end_of(std::size_t slot) noexcept {
    const std::uint64_t octave = slot / kPart;
    const std::uint64_t ms = octave == 0 ? slot + 1 : (slot % kPart + kPart + 1) << (octave - 1);
    return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
  }
  void count(std::int64_t wait) noexcept {
    waits_[slot_of(wait)].fetch_add(1, std::memory_order_relaxed);
    if (counted_.fetch_add(1, std::memory_order_relaxed) % kHalveAfter != kHalveAfter - 1) return;
    for (auto& each : waits_) each.store(each.load(std::memory_order_relaxed) / 2, std::memory_order_relaxed);
  }

  bool is_stale(TimePoint now) const noexcept {
    return now - TimePoint(Duration(seen_.load(std::memory_order_relaxed))) > kForgetAfter;
  }

  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<std::int64_t> cached_share_{0};  // of kAll
  std::atomic<std::int64_t> mean_{0};          // ns
  std::atomic<std::int64_t> seen_{0};          // ns on the monotonic clock
  std::array<std::atomic<std::uint32_t>, kSlots> waits_{};
  std::atomic<std::uint32_t> counted_{0};

 public:
  RecentRecord recent;
};

}  // namespace gateway
