// Whether a failed attempt is followed by another.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/time.h"

namespace gateway {

// How an attempt failed before its first byte went to the client.
struct AttemptFailure {
  enum class Kind : std::uint8_t {
    connect,          // nothing was sent
    timeout,          // the provider's own: 408, 504, 524
    lost,             // broke after the request was sent
    limit_reached,    // one of our time limits ended it after the request was sent
    rate_limited,     // 429
    overloaded,       // 503, 529
    server_error,     // other 5xx, garbage
    credentials,      // 401, 402, 403 of ours: another provider may do
    forbidden,        // a 403 that does not report why: another may do
    request_refused,  // 402, 403, 503 about this one request, of a provider that serves others: another may do
    client_fault,     // 400, 404, 413, 422, moderation, a request larger than the provider's limit itself: final
  };
  Kind kind = Kind::server_error;
  bool final = false;  // it was billed, or is not to be had otherwise: no other dispatch follows
};

// What the end of a call with an error means.
AttemptFailure::Kind failure_kind(ErrorCode code) noexcept;

// Whether the same target would answer the same request so again.
bool is_about_request(AttemptFailure::Kind kind) noexcept;

// By the configuration; but what another target may do always, client_fault never.
bool may_follow(const RetryConfig& config, AttemptFailure::Kind kind) noexcept;

// How long to wait before going round to the targets again: exponential from 100 ms (round 0) with full jitter
// (`random` in [0, 2^32)), at most 5 s, and until `earliest`, when the first of them may be tried. nullopt: that is
// longer than `max_wait`, or would reach `deadline`.
std::optional<Duration> backoff(int round, TimePoint earliest, std::uint32_t random, Duration max_wait, TimePoint now,
                                TimePoint deadline) noexcept;

// Whether a provider's 429 is about this one request, which no waiting makes smaller: "Request too large for ...: Limit
// 10000, Requested 13000", as OpenAI, Azure and Groq write it.
bool exceeds_provider_limit(std::string_view message) noexcept;

// Whether a provider's 400 says that the request is longer than its model's context: by its code, or as Anthropic, vLLM
// and others word it.
bool is_context_too_short(std::string_view code, std::string_view message) noexcept;

// What a provider's 402, 403 or 503 is about, by its words: this one request (its max_tokens, a parameter, a feature,
// how it may be routed), or the account or key that we come with. Words of the request win: "This request requires more
// credits, or fewer max_tokens" leaves credit for others.
enum class RefusalSubject : std::uint8_t { unknown, request, account };
RefusalSubject refusal_subject(std::string_view reason) noexcept;

// The value of retry-after (seconds, or an HTTP date by RFC 9110, 5.6.7) and retry-after-ms; the latter wins if it
// can be read. Numbers may have decimals and are rounded up. Negative or past, absurd (over a day) or unreadable:
// nullopt.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view retry_after,
                                                           std::string_view retry_after_ms, WallTime wall) noexcept;

// Extra dispatches of one project's exchanges: at most `share` of its dispatches, but always 10 a second. What was not
// used is kept for later up to the worth of 1,000 dispatches, so that a long calm does not pay for a storm. Lock-free,
// shared by all threads; a project's failures use up nobody else's.
class RetryBudget {
 public:
  void on_dispatch() noexcept;                      // a first attempt
  bool take(double share, TimePoint now) noexcept;  // an extra one

 private:
  bool take_free(std::int64_t second) noexcept;
  bool pay(std::int64_t cost, std::int64_t credit) noexcept;

  std::atomic<std::int64_t> balance_{0};       // thousandths of a dispatch
  std::atomic<std::int64_t> free_{INT64_MIN};  // the second and how many were granted in it, as second * 16 + count
};

}  // namespace gateway
