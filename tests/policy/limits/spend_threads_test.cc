#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "policy/limits/spend.h"
#include "policy/pricing/show_money.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono;

namespace {

constexpr int kThreads = 4;
constexpr std::int64_t kCap = 10'000;
const WallTime kNow = sys_days{year{2026} / 11 / 22} + hours{12};

Money m(std::int64_t units) { return Money::units(units); }

SpendConfig config(SpendMode mode = SpendMode::strict) {
  SpendConfig c;
  c.mode = mode;
  c.caps = {{m(kCap), Period::day, {}}, {m(3 * kCap), Period::month, {}}};
  return c;
}

SpendAccount& make(Spend& spend, Period period, std::int64_t cap, std::int64_t slice) {
  const auto bounds = period_of(period, kNow, {});
  SpendAccount& account = spend.account({"p", period, bounds.start, bounds.end}, m(cap));
  account.rebase(MoneySum{}, m(slice));
  return account;
}

// Looks at the accounts all the while that `work` runs on every thread; counts what it must never see.
template <class Work>
std::int64_t broken_while(const std::vector<SpendAccount*>& accounts, const Work& work) {
  std::atomic<int> running{kThreads};
  std::atomic<std::int64_t> broken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      work(t);
      --running;
    });
  }
  threads.emplace_back([&] {
    do {
      for (const SpendAccount* account : accounts) {
        const auto v = account->view();
        if (v.spent.units() + v.held.units() > v.cap.units()) ++broken;
        if (v.held.is_negative() || v.available.is_negative() || v.spent.is_negative()) ++broken;
      }
    } while (running.load() > 0);
  });
  for (auto& thread : threads) thread.join();
  return broken.load();
}

}  // namespace

TEST_CASE("spent and held are within the cap at every instant, and holds go back to nothing",
          "[policy][spend][threads]") {
  Spend spend;
  SpendAccount& day = make(spend, Period::day, kCap, kCap);
  SpendAccount& month = make(spend, Period::month, 3 * kCap, 3 * kCap);
  std::atomic<std::int64_t> cost_of_all{0}, admitted{0};
  const auto broken = broken_while({&day, &month}, [&](int t) {
    std::mt19937_64 random(static_cast<std::uint64_t>(t));
    std::vector<SpendHold> open(8);
    for (int i = 0; i < 6000; ++i) {
      SpendHold& hold = open[random() % open.size()];
      const auto amount = static_cast<std::int64_t>(random() % 900);
      const auto cost = static_cast<std::int64_t>(random() % 3);
      if (hold.amount() > m(cost) && random() % 4 == 0) {
        hold.settle(m(cost));
        cost_of_all += cost;
        hold = SpendHold{};
      } else if (spend.admit(config(), m(amount), kNow, hold).verdict == Spend::Verdict::admitted) {
        ++admitted;
      }
    }
  });
  REQUIRE(broken == 0);
  REQUIRE(admitted > 0);
  REQUIRE(cost_of_all > 0);
  for (const SpendAccount* account : {&day, &month}) {
    const auto v = account->view();
    REQUIRE(v.held == m(0));
    REQUIRE(v.spent == m(cost_of_all));
    REQUIRE(v.available == m(v.cap.units() - cost_of_all));
  }
}

TEST_CASE("of many that fit a cap N times, N are admitted", "[policy][spend][threads]") {
  Spend spend;
  SpendAccount& day = make(spend, Period::day, kCap, kCap);
  SpendAccount& month = make(spend, Period::month, 3 * kCap, 3 * kCap);
  std::atomic<int> admitted{0};
  const auto broken = broken_while({&day, &month}, [&](int) {
    for (int i = 0; i < 200; ++i) {
      SpendHold hold;
      if (spend.admit(config(), m(kCap / 50), kNow, hold).verdict != Spend::Verdict::admitted) continue;
      ++admitted;
      hold.settle(m(kCap / 50));
    }
  });
  REQUIRE(broken == 0);
  REQUIRE(admitted == 50);
  REQUIRE(day.view().spent == m(kCap));
}

TEST_CASE("leases, appends and other processes' spending do not break the cap under load", "[policy][spend][threads]") {
  Spend spend;
  SpendAccount& day = make(spend, Period::day, kCap, 0);
  std::atomic<std::int64_t> unappended{0}, cost_of_all{0};
  std::atomic<int> running{kThreads - 1};
  SpendConfig c = config();
  c.caps.resize(1);
  std::int64_t store_spent = 0, store_slice = 0, others = 0;
  const auto broken = broken_while({&day}, [&](int t) {
    std::mt19937_64 random(static_cast<std::uint64_t>(t) + 77);
    if (t > 0) {
      for (int i = 0; i < 5000; ++i) {
        SpendHold hold;
        if (spend.admit(c, m(static_cast<std::int64_t>(1 + random() % 300)), kNow, hold).verdict !=
            Spend::Verdict::admitted) {
          continue;
        }
        const auto cost = static_cast<std::int64_t>(random() % 2);
        if (hold.amount() < m(cost)) continue;
        hold.settle(m(cost));
        cost_of_all += cost;
        unappended += cost;
      }
      --running;
      return;
    }
    while (running.load() > 0) {  // the ledger thread, and the store it talks to
      const std::int64_t cost = unappended.exchange(0);
      store_spent += cost;
      store_slice -= cost;
      day.appended(m(cost));
      const auto n = static_cast<std::int64_t>(random() % 400);
      const std::int64_t left = kCap - store_spent - store_slice - others;
      if (random() % 2 == 0) {
        const std::int64_t taken = std::min(n, left);
        store_slice += taken;
        day.grant(m(taken));
      } else {
        store_slice -= day.give_back(m(n)).units();
      }
      if (random() % 64 == 0) others += std::min<std::int64_t>(n / 8, kCap - store_spent - store_slice - others);
      const std::int64_t spent = std::min<std::int64_t>(others, n % 3);
      others -= spent;
      store_spent += spent;
      day.rebase(MoneySum(m(store_spent)), m(store_slice));
      std::this_thread::yield();
    }
  });
  REQUIRE(broken == 0);
  const std::int64_t waiting = unappended.load();
  REQUIRE(day.view().held == m(0));
  REQUIRE(day.view().spent == m(store_spent + waiting));
  REQUIRE(day.view().available == m(store_slice - waiting));
}

TEST_CASE("mode estimate passes the cap by no more than what is in flight", "[policy][spend][threads]") {
  Spend spend;
  SpendAccount& day = make(spend, Period::day, kCap, kCap);
  SpendConfig c = config(SpendMode::estimate);
  c.caps.resize(1);
  std::vector<std::thread> threads;
  std::atomic<std::int64_t> cost_of_all{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        SpendHold hold;
        if (spend.admit(c, m(10), kNow, hold).verdict != Spend::Verdict::admitted) continue;
        hold.settle(m(37));
        cost_of_all += 37;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(day.view().spent == m(cost_of_all));
  REQUIRE(cost_of_all >= kCap);
  REQUIRE(cost_of_all < kCap + kThreads * 37);
}

TEST_CASE("accounts are found while others are being made", "[policy][spend][threads]") {
  Spend spend;
  std::atomic<bool> done{false};
  std::atomic<std::int64_t> wrong{0};
  std::thread reader([&] {
    SpendConfig c;
    c.caps = {{m(kCap), Period::day, {}}};
    for (int i = 0; !done.load(); ++i) {
      const WallTime at = kNow + days{i % 200};
      SpendHold hold;
      const auto r = spend.admit(c, m(1), at, hold);
      // lease_pending: not there yet when it was asked, and there when the reason was looked for.
      const bool waits = r.verdict == Spend::Verdict::unavailable || r.verdict == Spend::Verdict::lease_pending;
      if (r.verdict == Spend::Verdict::admitted ? hold.amount() != m(1) : !waits) ++wrong;
    }
  });
  for (int d = 0; d < 200; ++d) {
    const auto bounds = period_of(Period::day, kNow + days{d}, {});
    spend.account({"p", Period::day, bounds.start, bounds.end}, m(kCap)).rebase(MoneySum{}, m(kCap));
  }
  done = true;
  reader.join();
  REQUIRE(wrong == 0);
  REQUIRE(spend.accounts().size() == 200);
}

TEST_CASE("accounts are retired while threads hold in them", "[policy][spend][threads]") {
  Spend spend;
  std::atomic<int> running{kThreads};
  std::atomic<std::int64_t> admitted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<std::uint64_t>(t));
      std::vector<SpendHold> open(4);
      for (int i = 0; i < 20'000; ++i) {
        SpendHold& hold = open[random() % open.size()];
        const auto amount = static_cast<std::int64_t>(random() % 50);
        if (spend.admit(config(), m(amount), kNow, hold).verdict == Spend::Verdict::admitted) ++admitted;
        if (random() % 3 == 0) hold = SpendHold{};
        if (random() % 16 == 0) (void)spend.views(config(), kNow);
      }
      --running;
    });
  }
  int retired = 0;
  while (running.load() > 0) {  // the ledger thread: makes what is not there, retires what is quiet
    for (const auto& [period, cap] : {std::pair{Period::day, kCap}, std::pair{Period::month, 3 * kCap}}) {
      SpendAccount& account = make(spend, period, cap, cap);
      std::this_thread::yield();
      account.give_back(Money::max());
      if (!account.is_quiet()) continue;
      spend.retire(account);
      ++retired;
    }
    spend.free_retired();
  }
  for (auto& thread : threads) thread.join();
  spend.free_retired();
  REQUIRE(spend.retired() == 0);
  REQUIRE(admitted > 0);
  REQUIRE(retired > 0);
  for (const SpendAccount* account : spend.accounts()) REQUIRE(account->view().held == m(0));
}
