#include "policy/limits/rate_limit.h"

#include <random>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMinute = 60'000'000'000;
const TimePoint kStart{Duration{1'000'000'000'000}};

LimitsConfig limits(std::optional<std::int64_t> requests, std::optional<std::int64_t> tokens,
                    std::optional<std::int64_t> concurrent) {
  LimitsConfig l;
  l.requests_per_minute = requests;
  l.tokens_per_minute = tokens;
  l.concurrent = concurrent;
  return l;
}

// How many single tokens come out at once.
std::int64_t drain(TokenBucket& bucket, std::int64_t per_minute, TimePoint now) {
  std::int64_t n = 0;
  while (n <= 2 * per_minute + 10 && bucket.take(1, per_minute, now)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a full bucket grants one minute's worth at once, exactly", "[policy][rate_limit]") {
  for (const std::int64_t limit :
       {1, 2, 3, 7, 11, 59, 60, 61, 97, 600, 6001, 7919, 65'537, 100'003, 200'000, 240'007}) {
    TokenBucket bucket;
    INFO(limit);
    REQUIRE(drain(bucket, limit, kStart) == limit);
  }
}

TEST_CASE("a very large limit never grants more than itself at once", "[policy][rate_limit]") {
  for (const std::int64_t limit : {1'000'003LL, 6'000'000LL, 70'000'000'007LL}) {
    TokenBucket bucket;
    std::int64_t taken = 0;
    for (std::int64_t n = limit; n > 0; n /= 2) {
      while (bucket.take(n, limit, kStart)) taken += n;
    }
    REQUIRE(taken <= limit);
    REQUIRE(taken >= limit - limit / 1000);
  }
}

TEST_CASE("more than the limit never comes out, and takes nothing", "[policy][rate_limit]") {
  TokenBucket bucket;
  REQUIRE_FALSE(bucket.take(101, 100, kStart));
  REQUIRE(bucket.take(100, 100, kStart));
  REQUIRE(bucket.read(101, 100, kStart).until_n == Duration{kMinute});
}

TEST_CASE("a limit of zero or less lets nothing through", "[policy][rate_limit]") {
  TokenBucket bucket;
  REQUIRE_FALSE(bucket.take(1, 0, kStart));
  REQUIRE_FALSE(bucket.take(1, -5, kStart));
  REQUIRE(bucket.read(1, 0, kStart).remaining == 0);
  bucket.adjust(5, 0, kStart);
  bucket.refund(5, 0);
  REQUIRE(bucket.take(1, 1, kStart));
}

TEST_CASE("what was taken flows back continuously", "[policy][rate_limit]") {
  TokenBucket bucket;
  REQUIRE(bucket.take(60, 60, kStart));
  REQUIRE_FALSE(bucket.take(1, 60, kStart + 999ms));
  REQUIRE(bucket.take(1, 60, kStart + 1s));
  REQUIRE_FALSE(bucket.take(1, 60, kStart + 1s));
  REQUIRE(bucket.read(1, 60, kStart + 11s).remaining == 10);
  REQUIRE(bucket.take(10, 60, kStart + 11s));
  REQUIRE(bucket.read(1, 60, kStart + 11s).until_full == 60s);
  REQUIRE(bucket.read(1, 60, kStart + 1h).remaining == 60);
}

TEST_CASE("waiting as long as reported is enough, and not long too long", "[policy][rate_limit]") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 2000; ++round) {
    const auto limit = static_cast<std::int64_t>(1 + random() % 300'000);
    TokenBucket bucket;
    REQUIRE(bucket.take(static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(limit)), limit, kStart));
    const auto n = static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(limit));
    const Duration wait = bucket.read(n, limit, kStart).until_n;
    if (wait > Duration{0}) {
      REQUIRE_FALSE(bucket.take(n, limit, kStart));
      REQUIRE_FALSE(bucket.take(n, limit, kStart + wait - Duration{1}));
    }
    REQUIRE(bucket.take(n, limit, kStart + wait));
  }
}

TEST_CASE("remaining reports what can be taken", "[policy][rate_limit]") {
  std::mt19937_64 random(12);
  for (int round = 0; round < 2000; ++round) {
    const auto limit = static_cast<std::int64_t>(1 + random() % 100'000);
    TokenBucket bucket;
    bucket.take(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit)), limit, kStart);
    const TimePoint now = kStart + Duration{static_cast<std::int64_t>(random() % kMinute)};
    const std::int64_t remaining = bucket.read(1, limit, now).remaining;
    REQUIRE(remaining >= 0);
    REQUIRE(remaining <= limit);
    if (remaining < limit) REQUIRE_FALSE(bucket.take(remaining + 1, limit, now));
    REQUIRE(bucket.take(remaining, limit, now));
  }
}

TEST_CASE("over random steps of time no more comes out than burst and refill, and no less but for rounding",
          "[policy][rate_limit]") {
  std::mt19937_64 random(13);
  for (int round = 0; round < 60; ++round) {
    const auto limit = static_cast<std::int64_t>(1 + random() % (round % 3 == 0 ? 50 : 250'000));
    TokenBucket bucket;
    // The reference keeps its level exactly, in tokens times a minute of nanoseconds.
    Wide level = static_cast<Wide>(limit) * kMinute;
    std::int64_t taken = 0, takes = 0;
    TimePoint now = kStart;
    for (int step = 0; step < 3000; ++step) {
      const auto passed = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(3 * kMinute / limit + 2));
      now += Duration{passed};
      level = std::min<Wide>(level + static_cast<Wide>(passed) * limit, static_cast<Wide>(limit) * kMinute);
      const auto n =
          static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(1 + std::min<std::int64_t>(limit, 5)));
      const bool got = bucket.take(n, limit, now);
      const Wide wanted = static_cast<Wide>(n) * kMinute;
      // Rounding may hold back a nanosecond a take and let through less than one token.
      if (got) {
        REQUIRE(level + kMinute > wanted);
        level -= wanted;
        taken += n;
        ++takes;
      } else {
        REQUIRE((n > limit || level - static_cast<Wide>(takes + 1) * limit < wanted));
      }
      REQUIRE(static_cast<Wide>(taken - 1) * kMinute <
              static_cast<Wide>(limit) * kMinute + static_cast<Wide>((now - kStart).count()) * limit);
    }
  }
}

TEST_CASE("a correction may go into debt, which refuses until it is paid", "[policy][rate_limit]") {
  TokenBucket bucket;
  REQUIRE(bucket.take(100, 600, kStart));
  bucket.adjust(1100, 600, kStart);  // 1200 of 600
  REQUIRE(bucket.read(1, 600, kStart).remaining == 0);
  REQUIRE_FALSE(bucket.take(1, 600, kStart + 59s));
  REQUIRE_FALSE(bucket.take(1, 600, kStart + 60s));
  REQUIRE(bucket.take(1, 600, kStart + 60s + 100ms));
}

TEST_CASE("an absurd correction is paid off within an hour", "[policy][rate_limit]") {
  TokenBucket bucket;
  bucket.adjust(INT64_MAX, 600, kStart);
  REQUIRE_FALSE(bucket.take(1, 600, kStart + 59min));
  REQUIRE(bucket.take(1, 600, kStart + 60min));
  bucket.adjust(INT64_MIN, 600, kStart + 60min);
  REQUIRE(bucket.read(1, 600, kStart + 60min).remaining == 600);
}

TEST_CASE("a refund never leaves more than a full bucket", "[policy][rate_limit]") {
  TokenBucket bucket;
  bucket.adjust(-500, 100, kStart);
  REQUIRE(drain(bucket, 100, kStart) == 100);
}

TEST_CASE("a refund of a take leaves no trace", "[policy][rate_limit]") {
  TokenBucket bucket;
  REQUIRE(bucket.take(3, 7, kStart));
  const auto before = bucket.read(1, 7, kStart);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(bucket.take(2, 7, kStart));
    bucket.refund(2, 7);
  }
  REQUIRE(bucket.read(1, 7, kStart).until_full == before.until_full);
}

TEST_CASE("a clock reading older than the last one is conservative", "[policy][rate_limit]") {
  TokenBucket bucket;
  REQUIRE(bucket.take(60, 60, kStart));
  REQUIRE_FALSE(bucket.take(1, 60, kStart - 5ms));
  REQUIRE(bucket.read(1, 60, kStart - 5ms).remaining == 0);
}

TEST_CASE("without limits everything is admitted and the concurrent ones are counted", "[policy][rate_limit]") {
  RateLimits in_use;
  const LimitsConfig none;
  for (int i = 0; i < 100; ++i) REQUIRE(in_use.admit(none, 1'000'000, kStart).verdict == RateLimits::Verdict::admitted);
  REQUIRE(in_use.concurrent() == 100);
  for (int i = 0; i < 100; ++i) in_use.finish(none, 1'000'000, 5, kStart);
  REQUIRE(in_use.concurrent() == 0);
  REQUIRE(in_use.requests(none, kStart).remaining == 0);
}

TEST_CASE("a rejected request consumes nothing", "[policy][rate_limit]") {
  const auto l = limits(10, 1000, 5);
  RateLimits in_use;
  REQUIRE(in_use.admit(l, 600, kStart).verdict == RateLimits::Verdict::admitted);
  const auto requests = in_use.requests(l, kStart).until_full;
  const auto tokens = in_use.tokens(l, kStart).until_full;

  SECTION("by its tokens") {
    const auto r = in_use.admit(l, 500, kStart);
    REQUIRE(r.verdict == RateLimits::Verdict::tokens);
    REQUIRE(r.limit == 1000);
    REQUIRE(r.wait == 6s);
  }
  SECTION("by being larger than the limit") {
    const auto r = in_use.admit(l, 1001, kStart);
    REQUIRE(r.verdict == RateLimits::Verdict::exceeds_burst);
    REQUIRE(r.limit == 1000);
  }
  REQUIRE(in_use.concurrent() == 1);
  REQUIRE(in_use.requests(l, kStart).until_full == requests);
  REQUIRE(in_use.tokens(l, kStart).until_full == tokens);
}

TEST_CASE("too many at once are refused, and a finished one makes room", "[policy][rate_limit]") {
  const auto l = limits(std::nullopt, std::nullopt, 2);
  RateLimits in_use;
  REQUIRE(in_use.admit(l, 0, kStart).verdict == RateLimits::Verdict::admitted);
  REQUIRE(in_use.admit(l, 0, kStart).verdict == RateLimits::Verdict::admitted);
  const auto r = in_use.admit(l, 0, kStart);
  REQUIRE(r.verdict == RateLimits::Verdict::concurrency);
  REQUIRE(r.limit == 2);
  REQUIRE(r.wait == 1s);
  in_use.finish(l, 0, 0, kStart);
  REQUIRE(in_use.admit(l, 0, kStart).verdict == RateLimits::Verdict::admitted);
}

TEST_CASE("the wait is rounded up to a millisecond", "[policy][rate_limit]") {
  const auto l = limits(7, std::nullopt, std::nullopt);
  RateLimits in_use;
  for (int i = 0; i < 7; ++i) REQUIRE(in_use.admit(l, 0, kStart).verdict == RateLimits::Verdict::admitted);
  const auto r = in_use.admit(l, 0, kStart);
  REQUIRE(r.verdict == RateLimits::Verdict::requests);
  REQUIRE(r.wait == 8572ms);
  REQUIRE(in_use.admit(l, 0, kStart + r.wait).verdict == RateLimits::Verdict::admitted);
}

TEST_CASE("of two limits that refuse, the one with the longer wait is reported", "[policy][rate_limit]") {
  const auto l = limits(60, 60, std::nullopt);
  RateLimits in_use;
  for (int i = 0; i < 60; ++i) REQUIRE(in_use.admit(l, 1, kStart).verdict == RateLimits::Verdict::admitted);
  const auto r = in_use.admit(l, 30, kStart);
  REQUIRE(r.verdict == RateLimits::Verdict::tokens);
  REQUIRE(r.wait == 30s);
  REQUIRE(in_use.admit(l, 0, kStart).verdict == RateLimits::Verdict::requests);
}

TEST_CASE("undo reverts an admission completely, finish corrects it", "[policy][rate_limit]") {
  const auto l = limits(10, 1000, 5);
  RateLimits in_use;
  REQUIRE(in_use.admit(l, 700, kStart).verdict == RateLimits::Verdict::admitted);
  in_use.undo(l, 700, kStart);
  REQUIRE(in_use.concurrent() == 0);
  REQUIRE(in_use.requests(l, kStart).remaining == 10);
  REQUIRE(in_use.tokens(l, kStart).remaining == 1000);

  REQUIRE(in_use.admit(l, 700, kStart).verdict == RateLimits::Verdict::admitted);
  in_use.finish(l, 700, 900, kStart);
  REQUIRE(in_use.tokens(l, kStart).remaining == 100);
  REQUIRE(in_use.requests(l, kStart).remaining == 9);
  REQUIRE(in_use.admit(l, 50, kStart).verdict == RateLimits::Verdict::admitted);
  in_use.finish(l, 50, 10, kStart);
  REQUIRE(in_use.tokens(l, kStart).remaining == 90);
}
