#include <random>

#include "policy/limits/spend.h"
#include "policy/pricing/show_money.h"
#include "support/catch.h"

using namespace gateway;

namespace {

Money m(std::int64_t units) { return Money::units(units); }

// An account with that slice, with that much spent by others.
struct Fixture {
  SpendAccount account;
  Fixture(std::int64_t cap, std::int64_t slice, std::int64_t spent = 0)
      : account({"p", Period::month, {}, {}}, m(cap)) {
    account.rebase(MoneySum(m(spent)), m(slice));
  }
};

constexpr auto kStrict = SpendMode::strict;
constexpr auto kEstimate = SpendMode::estimate;

}  // namespace

TEST_CASE("a new account admits nothing before it is loaded, not even nothing", "[policy][spend]") {
  SpendAccount account({"p", Period::day, {}, {}}, m(100));
  REQUIRE_FALSE(account.loaded());
  REQUIRE_FALSE(account.hold(m(1), kStrict));
  REQUIRE_FALSE(account.hold(m(0), kStrict));
  REQUIRE_FALSE(account.hold(m(1), kEstimate));
  REQUIRE(account.wanted().is_zero());
  account.grant(m(10));
  REQUIRE(account.hold(m(10), kStrict));
  REQUIRE_FALSE(account.hold(m(1), kStrict));
}

TEST_CASE("a hold is taken, then replaced by the cost", "[policy][spend]") {
  Fixture f(100, 100);
  REQUIRE(f.account.hold(m(60), kStrict));
  REQUIRE(f.account.view().held == m(60));
  REQUIRE(f.account.view().available == m(40));
  REQUIRE_FALSE(f.account.hold(m(41), kStrict));
  f.account.settle(m(60), m(25));
  const auto v = f.account.view();
  REQUIRE(v.spent == m(25));
  REQUIRE(v.held == m(0));
  REQUIRE(v.available == m(75));
}

TEST_CASE("a released hold leaves no trace", "[policy][spend]") {
  Fixture f(100, 80, 20);
  REQUIRE(f.account.hold(m(80), kStrict));
  f.account.settle(m(80), m(0));
  const auto v = f.account.view();
  REQUIRE(v.spent == m(20));
  REQUIRE(v.held == m(0));
  REQUIRE(v.available == m(80));
}

TEST_CASE("a hold of nothing is admitted until the cap is spent", "[policy][spend]") {
  Fixture f(100, 100);
  REQUIRE(f.account.hold(m(100), kStrict));
  REQUIRE(f.account.hold(m(0), kStrict));
  REQUIRE(f.account.hold(m(0), kEstimate));
  f.account.settle(m(100), m(100));
  REQUIRE_FALSE(f.account.hold(m(0), kStrict));
  REQUIRE_FALSE(f.account.hold(m(0), kEstimate));
}

TEST_CASE("negative amounts count as nothing", "[policy][spend]") {
  Fixture f(100, 100);
  REQUIRE(f.account.hold(m(-50), kStrict));
  REQUIRE(f.account.view().available == m(100));
  f.account.settle(m(-50), m(-70));
  REQUIRE(f.account.view().spent == m(0));
  REQUIRE(f.account.view().available == m(100));
}

TEST_CASE("mode estimate admits while anything is left, and goes below by what is in flight", "[policy][spend]") {
  Fixture f(100, 100);
  REQUIRE(f.account.hold(m(99), kEstimate));
  REQUIRE(f.account.hold(m(500), kEstimate));
  REQUIRE_FALSE(f.account.hold(m(1), kEstimate));
  REQUIRE(f.account.view().available == m(0));
  f.account.settle(m(500), m(0));
  REQUIRE(f.account.view().available == m(1));
  REQUIRE(f.account.hold(m(1), kEstimate));
}

TEST_CASE("an estimate without end neither wraps nor opens the cap", "[policy][spend]") {
  Fixture f(Money::max().units(), Money::max().units());
  REQUIRE(f.account.hold(m(1), kEstimate));
  REQUIRE_FALSE(f.account.hold(Money::max(), kEstimate));
  f.account.settle(m(1), Money::max());
  f.account.settle(m(0), Money::max());
  f.account.settle(m(0), Money::max());
  REQUIRE(f.account.view().spent == Money::max());
  REQUIRE_FALSE(f.account.hold(m(1), kStrict));
  REQUIRE_FALSE(f.account.hold(m(0), kStrict));
}

TEST_CASE("a cost above its hold adds up, and refuses until there is room again", "[policy][spend]") {
  Fixture f(100, 50);
  REQUIRE(f.account.hold(m(50), kStrict));
  f.account.settle(m(50), m(70));
  auto v = f.account.view();
  REQUIRE(v.spent == m(70));
  REQUIRE(v.held == m(0));
  REQUIRE(v.available == m(0));
  f.account.appended(m(70));
  f.account.rebase(MoneySum(m(70)), m(0));  // the store stopped the slice at nothing
  REQUIRE(f.account.view().spent == m(70));
  REQUIRE_FALSE(f.account.hold(m(1), kStrict));
  f.account.grant(m(30));
  REQUIRE(f.account.hold(m(30), kStrict));
  REQUIRE(f.account.view().spent.units() + f.account.view().held.units() == 100);
}

TEST_CASE("a cost is counted once, before and after it is in the store", "[policy][spend]") {
  Fixture f(1000, 500, 100);
  REQUIRE(f.account.hold(m(50), kStrict));
  f.account.settle(m(50), m(40));
  REQUIRE(f.account.view().spent == m(140));

  f.account.rebase(MoneySum(m(100)), m(500));  // nothing appended yet
  REQUIRE(f.account.view().spent == m(140));
  REQUIRE(f.account.view().available == m(460));

  f.account.appended(m(40));
  REQUIRE(f.account.view().spent == m(140));
  f.account.rebase(MoneySum(m(140)), m(460));  // the store has it and took it off the slice
  REQUIRE(f.account.view().spent == m(140));
  REQUIRE(f.account.view().available == m(460));

  f.account.rebase(MoneySum(m(200)), m(460));  // another process spent 60
  REQUIRE(f.account.view().spent == m(200));
  REQUIRE(f.account.view().available == m(460));
  REQUIRE(f.account.view().held == m(0));
}

TEST_CASE("a cost whose hold is older than the account counts like another process's", "[policy][spend]") {
  Fixture f(1000, 500, 100);
  f.account.appended(m(40));  // never settled here
  f.account.rebase(MoneySum(m(140)), m(460));
  REQUIRE(f.account.view().spent == m(140));
  REQUIRE(f.account.view().available == m(460));

  // One of each, reported in whatever order.
  REQUIRE(f.account.hold(m(50), kStrict));
  f.account.settle(m(50), m(30));
  f.account.appended(m(20));
  f.account.rebase(MoneySum(m(160)), m(440));
  f.account.appended(m(30));
  f.account.rebase(MoneySum(m(190)), m(410));
  REQUIRE(f.account.view().spent == m(190));
  REQUIRE(f.account.view().available == m(410));
  REQUIRE(f.account.view().held == m(0));
}

TEST_CASE("corrections in the store move what is spent down as well as up", "[policy][spend]") {
  Fixture f(1000, 300, 500);
  REQUIRE(f.account.hold(m(100), kStrict));
  f.account.rebase(MoneySum(m(450)), m(300));
  REQUIRE(f.account.view().spent == m(450));
  REQUIRE(f.account.view().held == m(100));
}

TEST_CASE("a slice that the store reduced leaves less to hold, one that it grew leaves more", "[policy][spend]") {
  Fixture f(1000, 100);
  REQUIRE(f.account.hold(m(80), kStrict));
  f.account.rebase(MoneySum{}, m(60));
  REQUIRE(f.account.view().available == m(0));
  REQUIRE_FALSE(f.account.hold(m(1), kStrict));
  f.account.settle(m(80), m(0));
  REQUIRE(f.account.view().available == m(60));
  f.account.rebase(MoneySum{}, m(200));
  REQUIRE(f.account.view().available == m(200));
}

TEST_CASE("only free money is returned, and what the store did not take is granted again", "[policy][spend]") {
  Fixture f(1000, 100);
  REQUIRE(f.account.hold(m(70), kStrict));
  REQUIRE(f.account.give_back(m(20)) == m(20));
  REQUIRE(f.account.give_back(m(20)) == m(10));
  REQUIRE(f.account.give_back(m(20)) == m(0));
  f.account.grant(m(10));
  f.account.rebase(MoneySum{}, m(80));
  REQUIRE(f.account.view().available == m(10));
  f.account.grant(m(-10));
  REQUIRE(f.account.view().available == m(0));
  REQUIRE(f.account.give_back(m(-5)) == m(0));
}

TEST_CASE("a lowered cap stops holds at once, whatever the slice", "[policy][spend]") {
  Fixture f(1000, 1000);
  REQUIRE(f.account.hold(m(300), kStrict));
  f.account.set_cap(m(350));
  REQUIRE(f.account.view().available == m(50));
  REQUIRE_FALSE(f.account.hold(m(51), kStrict));
  REQUIRE(f.account.hold(m(50), kStrict));
  REQUIRE_FALSE(f.account.hold(m(1), kEstimate));
  f.account.set_cap(m(1000));
  REQUIRE(f.account.view().available == m(650));
}

TEST_CASE("the largest hold that only the slice refused is wanted", "[policy][spend]") {
  Fixture f(100, 10);
  REQUIRE_FALSE(f.account.hold(m(40), kStrict));
  REQUIRE_FALSE(f.account.hold(m(30), kStrict));
  REQUIRE(f.account.wanted() == m(40));
  REQUIRE_FALSE(f.account.hold(m(101), kStrict));  // the cap has no room for it
  REQUIRE(f.account.wanted() == m(40));
  f.account.clear_wanted();
  REQUIRE(f.account.wanted().is_zero());
  REQUIRE(f.account.hold(m(10), kEstimate));
  REQUIRE_FALSE(f.account.hold(m(7), kEstimate));
  REQUIRE(f.account.wanted() == m(7));
}

TEST_CASE("any program of holds, settlements, appends and leases keeps the books of a simple reference",
          "[policy][spend]") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    constexpr std::int64_t cap = 1000;
    SpendAccount account({"p", Period::month, {}, {}}, m(cap));
    struct Open {
      std::int64_t held;
    };
    std::vector<Open> open;
    std::vector<std::int64_t> settled;                          // not yet in the store
    std::int64_t store_spent = 0, store_slice = 0, others = 0;  // the store's truth; others: their slices
    account.rebase(MoneySum{}, m(0));
    for (int step = 0; step < 300; ++step) {
      const auto n = static_cast<std::int64_t>(random() % 200);
      switch (random() % 7) {
        case 0:
        case 1:
          if (account.hold(m(n), kStrict)) open.push_back({n});
          break;
        case 2:
          if (!open.empty()) {
            const std::int64_t held = open.back().held;
            open.pop_back();
            const std::int64_t cost = held == 0 ? 0 : n % (held + 1);
            account.settle(m(held), m(cost));
            settled.push_back(cost);
          }
          break;
        case 3:
          for (const std::int64_t cost : settled) {
            store_spent += cost;
            store_slice -= cost;
            account.appended(m(cost));
          }
          settled.clear();
          break;
        case 4: {
          const std::int64_t change = std::min(n, cap - store_spent - store_slice - others);
          store_slice += change;
          account.grant(m(change));
          break;
        }
        case 5:
          store_slice -= account.give_back(m(n)).units();
          break;
        case 6: {  // another process takes a slice, or spends of it
          if (n % 2 == 0) others += std::min(n, cap - store_spent - store_slice - others);
          const std::int64_t spent = std::min(n, others);
          others -= spent;
          store_spent += spent;
          account.rebase(MoneySum(m(store_spent)), m(store_slice));
          break;
        }
      }
      std::int64_t held = 0, waiting = 0;
      for (const Open& o : open) held += o.held;
      for (const std::int64_t cost : settled) waiting += cost;
      const auto v = account.view();
      REQUIRE(v.held == m(held));
      REQUIRE(v.available == m(store_slice - held - waiting));
      REQUIRE(v.spent.units() <= store_spent + waiting);
      REQUIRE(v.spent.units() + v.held.units() <= cap);
      REQUIRE(store_spent + store_slice + others <= cap);
    }
    account.rebase(MoneySum(m(store_spent)), m(store_slice));
    std::int64_t waiting = 0;
    for (const std::int64_t cost : settled) waiting += cost;
    REQUIRE(account.view().spent == m(store_spent + waiting));
  }
}
