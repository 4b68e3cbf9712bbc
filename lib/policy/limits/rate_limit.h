// Requests, tokens and concurrency: lock-free, shared by all threads; callers pass the time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "gateway/config.h"
#include "gateway/time.h"

namespace gateway {

// A token bucket with continuous refill, burst one minute's worth, kept as one number (GCRA: the theoretical arrival
// time). The limit is an argument, so that a reload may change it. A negative limit counts as zero.
//
// Over any time, what was taken is at most the burst and the refill of that time, and less than one token for rounding;
// within one instant it is at most the burst, exactly.
class TokenBucket {
 public:
  // Takes n, or nothing.
  bool take(std::int64_t n, std::int64_t per_minute, TimePoint now) noexcept;
  // Undoes a take of n, exactly.
  void refund(std::int64_t n, std::int64_t per_minute) noexcept;
  // Takes n even if that goes into debt (n > 0; an hour's worth at most), or refunds (n < 0).
  void adjust(std::int64_t n, std::int64_t per_minute, TimePoint now) noexcept;

  struct Reading {
    std::int64_t remaining = 0;  // 0..per_minute
    Duration until_full{};
    Duration until_n{};  // until the requested n could be taken; zero: now; a minute if it never can
  };
  Reading read(std::int64_t n, std::int64_t per_minute, TimePoint now) const noexcept;

 private:
  // ns on the monotonic clock at which the bucket is full again
  std::atomic<std::int64_t> theoretical_arrival_{INT64_MIN};
};

// A project's limits in use.
class RateLimits {
 public:
  enum class Verdict : std::uint8_t { admitted, requests, tokens, exceeds_burst, concurrency };
  struct Refusal {
    Verdict verdict = Verdict::admitted;  // exceeds_burst: more tokens than the limit itself; no waiting helps
    std::chrono::milliseconds wait{0};    // until the binding limit frees, rounded up; a second for concurrency
    std::int64_t limit = 0;               // the binding one: of several that refuse, the one with the longest wait
  };
  // All limits or none: a refused request changes nothing.
  Refusal admit(const LimitsConfig& limits, std::int64_t tokens, TimePoint now) noexcept;
  // The same in two steps: a place among the concurrent ones before it is known what the request is; then its request
  // and tokens. Who entered and was not charged leaves; who was charged ends as one admitted.
  Refusal enter(const LimitsConfig& limits) noexcept;
  Refusal charge(const LimitsConfig& limits, std::int64_t tokens, TimePoint now) noexcept;
  void leave() noexcept { concurrent_.fetch_sub(1, std::memory_order_relaxed); }
  // Undoes an admission completely, for a request that was refused by something later. The arguments are those of
  // admit().
  void undo(const LimitsConfig& limits, std::int64_t tokens, TimePoint now) noexcept;
  // The end of an admitted request: frees its place and corrects its tokens. Call exactly one of undo and finish.
  void finish(const LimitsConfig& limits, std::int64_t charged_tokens, std::int64_t real_tokens,
              TimePoint now) noexcept {
    correct(limits, charged_tokens, real_tokens, now);
    leave();
  }
  // The same in two steps: its tokens as soon as they are known. Then it leaves.
  void correct(const LimitsConfig& limits, std::int64_t charged_tokens, std::int64_t real_tokens,
               TimePoint now) noexcept;

  TokenBucket::Reading requests(const LimitsConfig& limits, TimePoint now) const noexcept;  // zeros if unlimited
  TokenBucket::Reading tokens(const LimitsConfig& limits, TimePoint now) const noexcept;
  std::int64_t concurrent() const noexcept { return concurrent_.load(std::memory_order_relaxed); }

 private:
  Refusal refusal(Verdict found, const LimitsConfig& limits, std::int64_t tokens, TimePoint now) const noexcept;

  TokenBucket requests_, tokens_;
  std::atomic<std::int64_t> concurrent_{0};
};

}  // namespace gateway
