#include "policy/routing/retry.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "gateway/headers.h"
#include "policy/routing/http_date.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackoff{100};
constexpr milliseconds kLongestBackoff{5000};
constexpr milliseconds kAbsurd{std::chrono::hours{24}};

constexpr std::int64_t kDispatch = 1000;  // balances count thousandths
constexpr std::int64_t kLargestBalance = 1000 * kDispatch;
constexpr std::int64_t kFreeInSecond = 10;
constexpr std::int64_t kCounts = 16;

// digits [. digits], in units of `unit` milliseconds, rounded up to a whole one.
std::optional<milliseconds> read_number(std::string_view text, std::int64_t unit) noexcept {
  std::int64_t total = 0;  // thousandths of a millisecond
  std::int64_t weight = unit * 1000;
  std::size_t i = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    total = total * 10 + (text[i] - '0') * weight;
    if (total > kAbsurd.count() * 1000) return std::nullopt;
  }
  if (i == 0) return std::nullopt;
  bool more = false;  // than the thousandths hold
  if (i < text.size() && text[i] == '.') {
    if (++i == text.size()) return std::nullopt;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
      weight /= 10;
      total += (text[i] - '0') * weight;
      more |= weight == 0 && text[i] != '0';
    }
  }
  if (i != text.size()) return std::nullopt;
  return milliseconds{(total + 999) / 1000 + (more && total % 1000 == 0 ? 1 : 0)};
}

// k extra dispatches are at most `share` of all when k (1 - share) / share first ones were made.
std::int64_t cost_of(double share) noexcept {
  const double exact = std::ceil(static_cast<double>(kDispatch) * (1 - share) / share);
  return static_cast<std::int64_t>(std::min(exact, static_cast<double>(kLargestBalance) + 1));
}

std::size_t find_ignoring_case(std::string_view text, std::string_view word) noexcept {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (equal_ignoring_case(text.substr(at, word.size()), word)) return at;
  }
  return std::string_view::npos;
}

bool contains_ignoring_case(std::string_view text, std::string_view word) noexcept {
  return find_ignoring_case(text, word) != std::string_view::npos;
}

// The digits that follow the word's first place in the text.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view word) noexcept {
  const std::size_t found = find_ignoring_case(text, word);
  if (found == std::string_view::npos) return std::nullopt;
  std::int64_t number = 0;
  std::size_t digits = 0;
  for (const char c : text.substr(found + word.size())) {
    if (c == ',' && digits > 0) continue;  // "10,000"
    if (c < '0' || c > '9' || digits == 15) break;
    number = number * 10 + (c - '0');
    ++digits;
  }
  return digits == 0 ? std::nullopt : std::optional(number);
}

}  // namespace

AttemptFailure::Kind failure_kind(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::unreachable:
      return AttemptFailure::Kind::connect;
    case ErrorCode::lost:
      return AttemptFailure::Kind::lost;
    default:
      return AttemptFailure::Kind::server_error;
  }
}

bool is_about_request(AttemptFailure::Kind kind) noexcept {
  using Kind = AttemptFailure::Kind;
  return kind == Kind::client_fault || kind == Kind::forbidden || kind == Kind::request_refused;
}

bool may_follow(const RetryConfig& config, AttemptFailure::Kind kind) noexcept {
  switch (kind) {
    case AttemptFailure::Kind::connect:
      return config.on_connect;
    case AttemptFailure::Kind::timeout:
      return config.on_timeout;
    case AttemptFailure::Kind::lost:
    case AttemptFailure::Kind::limit_reached:
      return config.on_lost;
    case AttemptFailure::Kind::rate_limited:
      return config.on_429;
    case AttemptFailure::Kind::server_error:
    case AttemptFailure::Kind::overloaded:
      return config.on_5xx;
    case AttemptFailure::Kind::credentials:
    case AttemptFailure::Kind::forbidden:
    case AttemptFailure::Kind::request_refused:
      return true;
    case AttemptFailure::Kind::client_fault:
      break;
  }
  return false;
}

std::optional<Duration> backoff(int round, TimePoint earliest, std::uint32_t random, Duration max_wait, TimePoint now,
                                TimePoint deadline) noexcept {
  const Duration widest = std::min(kFirstBackoff * (std::int64_t{1} << std::clamp(round, 0, 16)), kLongestBackoff);
  // Halved twice by 16 bits, so that the product fits 64.
  const Duration jittered{((widest.count() >> 16) * static_cast<std::int64_t>(random)) >> 16};
  const Duration wait = std::max(std::min(jittered, max_wait), earliest - now);
  if (wait > max_wait || wait >= deadline - now) return std::nullopt;
  return wait;
}

bool exceeds_provider_limit(std::string_view message) noexcept {
  if (contains_ignoring_case(message, "request too large")) return true;
  const auto limit = number_after(message, "limit ");
  const auto requested = number_after(message, "requested ");
  return limit && requested && *requested > *limit;
}

bool is_context_too_short(std::string_view code, std::string_view message) noexcept {
  return code == "context_length_exceeded" || contains_ignoring_case(message, "maximum context length") ||
         contains_ignoring_case(message, "prompt is too long") ||
         contains_ignoring_case(message, "exceeds the context window");
}

RefusalSubject refusal_subject(std::string_view reason) noexcept {
  static constexpr std::array<std::string_view, 15> kOfRequest{
      "max_tokens",    "max_completion_tokens", "max_output_tokens", "fewer",    "can only afford",
      "prompt tokens", "must be verified to",   "context",           "feature",  "parameter",
      "your prompt",   "routing requirements",  "to stream",         "too long", "too large"};
  static constexpr std::array<std::string_view, 23> kOfAccount{
      "api key",     "api_key",    "apikey",       "key limit",    "your key",     "this key",
      "credit",      "billing",    "balance",      "payment",      "quota",        "account",
      "authenti",    "authoriz",   "organization", "organisation", "subscription", "suspended",
      "deactivated", "permission", "project",      "have access",  "country"};
  const auto says = [reason](std::string_view word) { return contains_ignoring_case(reason, word); };
  if (std::any_of(kOfRequest.begin(), kOfRequest.end(), says)) return RefusalSubject::request;
  if (std::any_of(kOfAccount.begin(), kOfAccount.end(), says)) return RefusalSubject::account;
  return RefusalSubject::unknown;
}

std::optional<milliseconds> parse_retry_after(std::string_view retry_after, std::string_view retry_after_ms,
                                              WallTime wall) noexcept {
  // Zero beside a 429 means nothing: Azure sends zero milliseconds beside the seconds that count.
  if (const auto ms = read_number(trimmed(retry_after_ms), 1); ms && ms->count() > 0) return ms;
  const std::string_view text = trimmed(retry_after);
  if (const auto seconds = read_number(text, 1000)) return seconds->count() > 0 ? seconds : std::nullopt;
  const auto date = parse_http_date(text, wall);
  if (!date || *date < wall || *date - wall > kAbsurd) return std::nullopt;
  return std::chrono::ceil<milliseconds>(*date - wall);
}

void RetryBudget::on_dispatch() noexcept {
  std::int64_t balance = balance_.load(std::memory_order_relaxed);
  while (balance < kLargestBalance &&
         !balance_.compare_exchange_weak(balance, balance + kDispatch, std::memory_order_relaxed)) {
  }
}

// The free ones are charged too, on credit of a second's worth: so the larger of the two bounds holds and not their
// sum.
bool RetryBudget::take(double share, TimePoint now) noexcept {
  const bool free = take_free(std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
  if (!(share > 0)) return free;
  if (share >= 1) return true;
  const std::int64_t cost = cost_of(share);
  return pay(cost, free ? kFreeInSecond * cost : 0) || free;
}

bool RetryBudget::take_free(std::int64_t second) noexcept {
  std::int64_t old = free_.load(std::memory_order_relaxed);
  std::int64_t next;
  do {
    // A thread whose clock reading is a little older counts in the second that is already under way.
    next = std::max(old, second * kCounts) + 1;
    if (next % kCounts > kFreeInSecond) return false;
  } while (!free_.compare_exchange_weak(old, next, std::memory_order_relaxed));
  return true;
}

bool RetryBudget::pay(std::int64_t cost, std::int64_t credit) noexcept {
  std::int64_t balance = balance_.load(std::memory_order_relaxed);
  do {
    if (balance + credit < cost) return false;
  } while (!balance_.compare_exchange_weak(balance, balance - cost, std::memory_order_relaxed));
  return true;
}

}  // namespace gateway
