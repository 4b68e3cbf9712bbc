#include <atomic>
#include <thread>
#include <vector>

#include "policy/limits/rate_limit.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

const TimePoint kStart{Duration{1'000'000'000'000}};
constexpr int kThreads = 4;

template <class Work>
void on_threads(const Work& work) {
  std::atomic<bool> go{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      while (!go.load()) std::this_thread::yield();
      work(t);
    });
  }
  go.store(true);
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("threads that drain one bucket at one instant get its burst and not one more",
          "[policy][rate_limit][threads]") {
  for (const std::int64_t limit : {7, 1000, 24'001}) {
    TokenBucket bucket;
    std::atomic<std::int64_t> taken{0};
    on_threads([&](int) {
      std::int64_t mine = 0;
      while (bucket.take(1, limit, kStart)) ++mine;
      taken += mine;
    });
    REQUIRE(taken == limit);
  }
}

TEST_CASE("threads that take and refund lose nothing and win nothing", "[policy][rate_limit][threads]") {
  constexpr std::int64_t limit = 1001;
  TokenBucket bucket;
  on_threads([&](int t) {
    for (int i = 0; i < 20'000; ++i) {
      if (bucket.take(t + 1, limit, kStart)) bucket.refund(t + 1, limit);
    }
  });
  REQUIRE(bucket.read(1, limit, kStart).until_full == Duration{0});
  REQUIRE(bucket.take(limit, limit, kStart));
}

TEST_CASE("threads with clocks that move take no more than burst and refill", "[policy][rate_limit][threads]") {
  constexpr std::int64_t limit = 6000;
  constexpr auto length = 30s;
  TokenBucket bucket;
  std::atomic<std::int64_t> taken{0};
  on_threads([&](int t) {
    std::int64_t mine = 0;
    for (TimePoint now = kStart; now <= kStart + length; now += Duration{1'000'000 * (1 + t)}) {
      if (bucket.take(1, limit, now)) ++mine;
    }
    taken += mine;
  });
  REQUIRE(taken <= limit + limit / 2);
}

TEST_CASE("no interleaving of admissions passes any limit, and all of it comes back", "[policy][rate_limit][threads]") {
  LimitsConfig l;
  l.requests_per_minute = 5000;
  l.tokens_per_minute = 60'000;
  l.concurrent = 3;
  RateLimits in_use;
  std::atomic<std::int64_t> admitted{0}, tokens{0}, inside{0}, most_inside{0};
  on_threads([&](int t) {
    for (int i = 0; i < 5000; ++i) {
      const std::int64_t n = 1 + (i * 7 + t) % 40;
      if (in_use.admit(l, n, kStart).verdict != RateLimits::Verdict::admitted) continue;
      const std::int64_t now_inside = ++inside;
      for (std::int64_t most = most_inside;
           most < now_inside && !most_inside.compare_exchange_weak(most, now_inside);) {
      }
      ++admitted;
      tokens += n;
      --inside;
      in_use.finish(l, n, n, kStart);
    }
  });
  REQUIRE(most_inside <= 3);
  REQUIRE(admitted <= 5000);
  REQUIRE(tokens <= 60'000);
  REQUIRE(in_use.concurrent() == 0);
  REQUIRE(in_use.requests(l, kStart).remaining == 5000 - admitted);
  REQUIRE(in_use.tokens(l, kStart).remaining == 60'000 - tokens);
}
