#include "policy/routing/retry.h"

#include <thread>
#include <vector>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;
using Kind = AttemptFailure::Kind;

namespace {

const TimePoint kStart{1h};
const WallTime kWall = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 10h;
constexpr std::uint32_t kMost = 0xffffffff;

}  // namespace

TEST_CASE("what may be followed is as configured", "[policy][retry]") {
  RetryConfig config;
  REQUIRE(may_follow(config, Kind::connect));
  REQUIRE(may_follow(config, Kind::timeout));
  REQUIRE(may_follow(config, Kind::rate_limited));
  REQUIRE(may_follow(config, Kind::server_error));
  REQUIRE_FALSE(may_follow(config, Kind::lost));
  REQUIRE(may_follow(config, Kind::credentials));
  REQUIRE(may_follow(config, Kind::overloaded));
  REQUIRE_FALSE(may_follow(config, Kind::limit_reached));
  REQUIRE_FALSE(may_follow(config, Kind::client_fault));
  config.on_connect = config.on_timeout = config.on_429 = config.on_5xx = false;
  config.on_lost = true;
  REQUIRE_FALSE(may_follow(config, Kind::connect));
  REQUIRE_FALSE(may_follow(config, Kind::timeout));
  REQUIRE_FALSE(may_follow(config, Kind::rate_limited));
  REQUIRE_FALSE(may_follow(config, Kind::server_error));
  REQUIRE_FALSE(may_follow(config, Kind::overloaded));
  REQUIRE(may_follow(config, Kind::lost));
  REQUIRE(may_follow(config, Kind::limit_reached));
  REQUIRE_FALSE(may_follow(config, Kind::client_fault));
  REQUIRE(may_follow(config, Kind::forbidden));
  REQUIRE(may_follow(config, Kind::request_refused));
}

TEST_CASE("a refusal is about the request, or about the account, or does not show which", "[policy][retry]") {
  for (
      const char* request :
      {"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford "
       "1200. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account",
       "Prompt tokens limit exceeded: 12345 > 2345. To increase, visit https://openrouter.ai/settings/credits",
       "Your organization must be verified to stream this model / use this parameter",
       "Your organization must be verified to generate reasoning summaries.", "You are not allowed to use this feature",
       "The long CONTEXT beta is not yet available for this subscription."}) {
    INFO(request);
    CHECK(refusal_subject(request) == RefusalSubject::request);
  }
  for (const char* account :
       {"Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys", "Insufficient credits",
        "Your API key does not have permission to use the specified resource.", "Insufficient Balance",
        "Permission denied: Consumer 'api_key:x' has been suspended.", "User not found or account deactivated",
        "Your credit balance is too low to access the API. Please go to Plans & Billing.",
        "Project `proj_x` does not have access to model `gpt-5`", "Country, region, or territory not supported",
        "billing_error", "permission_error"}) {
    INFO(account);
    CHECK(refusal_subject(account) == RefusalSubject::account);
  }
  for (const char* unknown : {"", "Forbidden", "Access denied", "blocked"}) {
    INFO(unknown);
    CHECK(refusal_subject(unknown) == RefusalSubject::unknown);
  }
}

TEST_CASE("the backoff doubles from 100 ms to 5 s, with full jitter", "[policy][retry]") {
  const TimePoint far = kStart + 1h;
  REQUIRE(backoff(0, kStart, 0, 5s, kStart, far) == Duration{0});
  Duration widest = 100ms;
  for (int round = 0; round < 40; ++round) {
    const Duration most = *backoff(round, kStart, kMost, 5s, kStart, far);
    REQUIRE(most <= widest);
    REQUIRE(most > widest - 1ms);
    const Duration half = *backoff(round, kStart, kMost / 2, 5s, kStart, far);
    REQUIRE(half <= widest / 2);
    REQUIRE(half > widest / 2 - 1ms);
    widest = std::min<Duration>(widest * 2, 5s);
  }
  REQUIRE(*backoff(-3, kStart, kMost, 5s, kStart, far) <= 100ms);
}

TEST_CASE("the earliest target is waited for, up to max_wait and the deadline", "[policy][retry]") {
  REQUIRE(backoff(0, kStart + 7s, 0, 10s, kStart, kStart + 8s) == Duration{7s});
  REQUIRE(backoff(0, kStart, kMost, 10s, kStart, kStart + 8s) <= Duration{100ms});
  REQUIRE(backoff(0, kStart - 1h, 0, 10s, kStart, kStart + 8s) == Duration{0});
  REQUIRE_FALSE(backoff(0, kStart + 8s, 0, 10s, kStart, kStart + 8s));
  REQUIRE_FALSE(backoff(0, kStart, 0, 10s, kStart, kStart));
  REQUIRE_FALSE(backoff(9, kStart, kMost, 10s, kStart, kStart + 1s));
  REQUIRE(backoff(0, kStart + 5s, 0, 5s, kStart, kStart + 1h) == Duration{5s});
  REQUIRE_FALSE(backoff(0, kStart + 5001ms, 0, 5s, kStart, kStart + 1h));
  // A short max_wait shortens the jitter, it does not forbid the retry.
  REQUIRE(backoff(9, kStart, kMost, 1s, kStart, kStart + 1h) == Duration{1s});
}

TEST_CASE("a 429 about one request's own size is distinguished from one about all requests", "[policy][retry]") {
  for (const char* own :
       {"Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 45000. The "
        "input "
        "or output tokens must be reduced in order to run successfully.",
        "request TOO large for model `llama3-70b-8192`",
        "TPM: Limit 6,000, Requested 7,312, please reduce your message size", "Limit 10000, Used 0, Requested 10001"}) {
    INFO(own);
    CHECK(exceeds_provider_limit(own));
  }
  for (const char* passing :
       {"",
        "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 4500. Please try "
        "again in 7s.",
        "Limit 10000, Requested 10000", "You exceeded your current quota", "limit reached", "Limit , Requested 5"}) {
    INFO(passing);
    CHECK_FALSE(exceeds_provider_limit(passing));
  }
}

TEST_CASE("retry-after is read as seconds, milliseconds or a date", "[policy][retry]") {
  REQUIRE(parse_retry_after("3", "", kWall) == 3s);
  REQUIRE(parse_retry_after(" 3 ", "", kWall) == 3s);
  REQUIRE(parse_retry_after("1.5", "", kWall) == 1500ms);
  REQUIRE(parse_retry_after("0.0001", "", kWall) == 1ms);
  REQUIRE(parse_retry_after("1.0000000000000001", "", kWall) == 1001ms);
  REQUIRE(parse_retry_after("1.0000000000000000", "", kWall) == 1000ms);
  REQUIRE(parse_retry_after("86400", "", kWall) == 24h);
  REQUIRE(parse_retry_after("", "250", kWall) == 250ms);
  REQUIRE(parse_retry_after("", "250.2", kWall) == 251ms);
  REQUIRE(parse_retry_after("9", "250", kWall) == 250ms);
  REQUIRE(parse_retry_after("9", "soon", kWall) == 9s);
  REQUIRE(parse_retry_after("1", "0", kWall) == 1s);  // as Azure sends it
  REQUIRE(parse_retry_after("Sun, 22 Nov 2026 10:00:07 GMT", "", kWall) == 7s);
  REQUIRE(parse_retry_after("Sun, 22 Nov 2026 10:00:07 GMT", "", kWall + 1us) == 7s);
  REQUIRE(parse_retry_after("Sunday, 22-Nov-26 10:01:00 GMT", "", kWall) == 60s);
  REQUIRE(parse_retry_after("Sun Nov 22 10:01:00 2026", "", kWall) == 60s);
}

TEST_CASE("a retry-after that makes no sense is none", "[policy][retry]") {
  for (const char* text :
       {"", "0", "0.0", "-1", "+1", "1e3", "0x10", "1,5", ".5", "5.", "1 2", "soon", "86401", "99999999999999999999",
        "18446744073709551617", "Sun, 22 Nov 2026 09:59:59 GMT", "Tue, 24 Nov 2026 10:00:00 GMT"}) {
    INFO(text);
    REQUIRE_FALSE(parse_retry_after(text, "", kWall));
  }
}

TEST_CASE("ten extra dispatches a second are always there", "[policy][retry]") {
  RetryBudget budget;
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < 10; ++i) REQUIRE(budget.take(0.2, kStart + second * 1s));
    REQUIRE_FALSE(budget.take(0.2, kStart + second * 1s + 999ms));
  }
  REQUIRE_FALSE(budget.take(0.2, kStart));  // an older reading finds no fresh second
}

TEST_CASE("beyond those, extra dispatches are at most their share of all", "[policy][retry]") {
  for (const double share : {0.05, 0.2, 0.5, 0.9}) {
    RetryBudget budget;
    int first = 0, extra = 0;
    for (int i = 0; i < 20'000; ++i) {
      budget.on_dispatch();
      ++first;
      while (extra < 200'000 && budget.take(share, kStart)) ++extra;
    }
    INFO(share);
    REQUIRE(extra - 10 <= share * (first + extra));
    REQUIRE(extra >= 0.99 * share * (first + extra) - 12);
  }
}

TEST_CASE("the ten are within the share if that is larger, not on top of it", "[policy][retry]") {
  RetryBudget budget;
  int first = 0, extra = 0;
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 60; ++i, ++first) {
      budget.on_dispatch();
      if (budget.take(0.2, kStart + second * 1s)) ++extra;
    }
  }
  REQUIRE(extra <= 0.2 * (first + extra) + 10);
}

TEST_CASE("no share leaves the ten, all of it leaves no limit", "[policy][retry]") {
  RetryBudget budget;
  for (int i = 0; i < 1000; ++i) budget.on_dispatch();
  int none = 0;
  while (none < 1000 && budget.take(0.0, kStart)) ++none;
  REQUIRE(none == 10);
  for (int i = 0; i < 1000; ++i) REQUIRE(budget.take(1.0, kStart));
}

TEST_CASE("a long calm does not pay for a storm", "[policy][retry]") {
  RetryBudget budget;
  for (int i = 0; i < 1'000'000; ++i) budget.on_dispatch();
  int extra = 0;
  while (budget.take(0.2, kStart)) ++extra;
  REQUIRE(extra <= 250 + 10);
}

TEST_CASE("threads share one budget", "[policy][retry][threads]") {
  RetryBudget budget;
  for (int i = 0; i < 400; ++i) budget.on_dispatch();
  std::atomic<int> extra{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (budget.take(0.2, kStart)) ++extra;
    });
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(extra >= 100);
  REQUIRE(extra <= 110);
}
