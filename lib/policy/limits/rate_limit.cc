#include "policy/limits/rate_limit.h"

#include <algorithm>

namespace gateway {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMinute = 60'000'000'000;  // ns: the burst, as time
constexpr std::int64_t kLongestDebt =
    60 * kMinute;  // so that one absurd usage figure cannot lock a project out for good
constexpr std::chrono::milliseconds kConcurrencyWait{1000};

std::int64_t limit_of(std::int64_t per_minute) noexcept { return std::max<std::int64_t>(per_minute, 0); }
std::int64_t time_of(TimePoint t) noexcept { return t.time_since_epoch().count(); }

// The time in which n >= 0 tokens flow in, rounded up, so that rounding never lets more through. per_minute > 0.
std::int64_t cost_of(std::int64_t n, std::int64_t per_minute) noexcept {
  const Wide exact = static_cast<Wide>(n) * kMinute;
  return static_cast<std::int64_t>(std::min<Wide>((exact + per_minute - 1) / per_minute, kLongestDebt));
}

// How far ahead of now a take may push the time at which the bucket is full. Each take rounds up by less than a
// nanosecond and a burst is at most per_minute takes, so a burst of single tokens needs that much more than a minute to
// come out without a fraction; but never so much that one more token would fit.
std::int64_t burst_tolerance(std::int64_t per_minute) noexcept {
  return kMinute + std::min(per_minute, std::max<std::int64_t>(kMinute / per_minute - 1, 0));
}

// No waiting helps.
bool exceeds_all(const LimitsConfig& limits, std::int64_t tokens) noexcept {
  return limits.tokens_per_minute && tokens > limit_of(*limits.tokens_per_minute);
}

}  // namespace

bool TokenBucket::take(std::int64_t n, std::int64_t per_minute, TimePoint now) noexcept {
  if (n > limit_of(per_minute)) return false;
  if (per_minute <= 0) return true;
  const std::int64_t at = time_of(now);
  const std::int64_t cost = cost_of(std::max<std::int64_t>(n, 0), per_minute);
  const std::int64_t tolerance = burst_tolerance(per_minute);
  std::int64_t arrival = theoretical_arrival_.load(std::memory_order_relaxed);
  std::int64_t next;
  do {
    next = std::max(arrival, at) + cost;
    if (next - at > tolerance) return false;
  } while (!theoretical_arrival_.compare_exchange_weak(arrival, next, std::memory_order_relaxed));
  return true;
}

void TokenBucket::refund(std::int64_t n, std::int64_t per_minute) noexcept {
  if (n <= 0 || per_minute <= 0) return;
  theoretical_arrival_.fetch_sub(cost_of(n, per_minute), std::memory_order_relaxed);
}

void TokenBucket::adjust(std::int64_t n, std::int64_t per_minute, TimePoint now) noexcept {
  if (n == 0 || per_minute <= 0) return;
  const std::int64_t at = time_of(now);
  // What is refunded is rounded down.
  const std::int64_t change =
      n > 0 ? cost_of(n, per_minute)
            : static_cast<std::int64_t>(std::max<Wide>(static_cast<Wide>(n) * kMinute / per_minute, -kLongestDebt));
  std::int64_t arrival = theoretical_arrival_.load(std::memory_order_relaxed);
  std::int64_t next;
  do {
    next = std::min(std::max(arrival, at) + change, at + kLongestDebt);
  } while (!theoretical_arrival_.compare_exchange_weak(arrival, next, std::memory_order_relaxed));
}

TokenBucket::Reading TokenBucket::read(std::int64_t n, std::int64_t per_minute, TimePoint now) const noexcept {
  if (per_minute <= 0) return {0, Duration{0}, Duration{n > 0 ? kMinute : 0}};
  const std::int64_t at = time_of(now);
  const std::int64_t ahead = std::max(theoretical_arrival_.load(std::memory_order_relaxed), at) - at;
  const std::int64_t room = burst_tolerance(per_minute) - ahead;
  Reading reading;
  reading.remaining = std::clamp<std::int64_t>(
      static_cast<std::int64_t>(static_cast<Wide>(room) * per_minute / kMinute), 0, per_minute);
  reading.until_full = Duration{ahead};
  reading.until_n = n > per_minute
                        ? Duration{kMinute}
                        : Duration{std::max<std::int64_t>(cost_of(std::max<std::int64_t>(n, 0), per_minute) - room, 0)};
  return reading;
}

RateLimits::Refusal RateLimits::admit(const LimitsConfig& limits, std::int64_t tokens, TimePoint now) noexcept {
  if (exceeds_all(limits, tokens)) return {Verdict::exceeds_burst, {}, *limits.tokens_per_minute};
  Refusal refused = enter(limits);
  if (refused.verdict != Verdict::admitted) return refused;
  refused = charge(limits, tokens, now);
  if (refused.verdict != Verdict::admitted) leave();
  return refused;
}

RateLimits::Refusal RateLimits::enter(const LimitsConfig& limits) noexcept {
  std::int64_t inside = concurrent_.load(std::memory_order_relaxed);
  do {
    if (limits.concurrent && inside >= *limits.concurrent) {
      return {Verdict::concurrency, kConcurrencyWait, *limits.concurrent};
    }
  } while (!concurrent_.compare_exchange_weak(inside, inside + 1, std::memory_order_relaxed));
  return {};
}

RateLimits::Refusal RateLimits::charge(const LimitsConfig& limits, std::int64_t tokens, TimePoint now) noexcept {
  if (exceeds_all(limits, tokens)) return {Verdict::exceeds_burst, {}, *limits.tokens_per_minute};
  if (limits.requests_per_minute && !requests_.take(1, *limits.requests_per_minute, now)) {
    return refusal(Verdict::requests, limits, tokens, now);
  }
  if (limits.tokens_per_minute && !tokens_.take(tokens, *limits.tokens_per_minute, now)) {
    if (limits.requests_per_minute) requests_.refund(1, *limits.requests_per_minute);
    return refusal(Verdict::tokens, limits, tokens, now);
  }
  return {};
}

RateLimits::Refusal RateLimits::refusal(Verdict found, const LimitsConfig& limits, std::int64_t tokens,
                                        TimePoint now) const noexcept {
  const auto wait_of = [](const TokenBucket& bucket, const std::optional<std::int64_t>& limit, std::int64_t n,
                          TimePoint at) {
    return limit ? std::chrono::ceil<std::chrono::milliseconds>(bucket.read(n, *limit, at).until_n)
                 : std::chrono::milliseconds{0};
  };
  const auto for_request = wait_of(requests_, limits.requests_per_minute, 1, now);
  const auto for_tokens = wait_of(tokens_, limits.tokens_per_minute, tokens, now);
  if (for_request != for_tokens) found = for_request > for_tokens ? Verdict::requests : Verdict::tokens;
  // What refused a moment ago may be free by now, but the refusal remains.
  const auto wait = std::max({for_request, for_tokens, std::chrono::milliseconds{1}});
  return {found, wait, found == Verdict::requests ? *limits.requests_per_minute : *limits.tokens_per_minute};
}

void RateLimits::undo(const LimitsConfig& limits, std::int64_t tokens, TimePoint) noexcept {
  leave();
  if (limits.requests_per_minute) requests_.refund(1, *limits.requests_per_minute);
  if (limits.tokens_per_minute) tokens_.refund(tokens, *limits.tokens_per_minute);
}

void RateLimits::correct(const LimitsConfig& limits, std::int64_t charged_tokens, std::int64_t real_tokens,
                         TimePoint now) noexcept {
  if (!limits.tokens_per_minute) return;
  std::int64_t more;
  if (__builtin_sub_overflow(real_tokens, charged_tokens, &more)) more = real_tokens > 0 ? INT64_MAX : INT64_MIN;
  tokens_.adjust(more, *limits.tokens_per_minute, now);
}

TokenBucket::Reading RateLimits::requests(const LimitsConfig& limits, TimePoint now) const noexcept {
  return limits.requests_per_minute ? requests_.read(1, *limits.requests_per_minute, now) : TokenBucket::Reading{};
}

TokenBucket::Reading RateLimits::tokens(const LimitsConfig& limits, TimePoint now) const noexcept {
  return limits.tokens_per_minute ? tokens_.read(1, *limits.tokens_per_minute, now) : TokenBucket::Reading{};
}

}  // namespace gateway
