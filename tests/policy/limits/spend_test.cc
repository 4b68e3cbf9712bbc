#include "policy/limits/spend.h"

#include "policy/pricing/show_money.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono;

namespace {

using Verdict = Spend::Verdict;

Money m(std::int64_t units) { return Money::units(units); }

WallTime utc(int y, unsigned mo, unsigned d, int h = 0) { return sys_days{year{y} / month{mo} / day{d}} + hours{h}; }
const WallTime kNow = utc(2026, 11, 22, 12);

SpendConfig caps(std::vector<std::pair<Period, std::int64_t>> list, SpendMode mode = SpendMode::strict) {
  SpendConfig config;
  config.mode = mode;
  for (const auto& [period, cap] : list) config.caps.push_back({m(cap), period, {}});
  return config;
}

AccountKey key_of(Period period, WallTime at, const Zone& zone = {}) {
  const auto bounds = period_of(period, at, zone);
  return {"p", period, bounds.start, bounds.end};
}

// Makes the account of the period, with all of its cap as slice but for what is spent already.
SpendAccount& open(Spend& spend, Period period, std::int64_t cap, std::int64_t spent = 0, WallTime at = kNow) {
  SpendAccount& account = spend.account(key_of(period, at), m(cap));
  account.rebase(MoneySum(m(spent)), m(cap - spent));
  return account;
}

}  // namespace

TEST_CASE("without caps everything is admitted and the hold knows its amount", "[policy][spend]") {
  Spend spend;
  SpendHold hold;
  REQUIRE(spend.admit({}, m(5), kNow, hold).verdict == Verdict::admitted);
  REQUIRE(hold.amount() == m(5));
  hold.settle(m(3));
}

TEST_CASE("a hold is released when it is destroyed, and settled only once", "[policy][spend]") {
  Spend spend;
  SpendAccount& account = open(spend, Period::day, 100);
  const auto config = caps({{Period::day, 100}});
  {
    SpendHold hold;
    REQUIRE(spend.admit(config, m(60), kNow, hold).verdict == Verdict::admitted);
    REQUIRE(account.view().held == m(60));
  }
  REQUIRE(account.view().held == m(0));
  REQUIRE(account.view().spent == m(0));
  {
    SpendHold hold;
    REQUIRE(spend.admit(config, m(60), kNow, hold).verdict == Verdict::admitted);
    hold.settle(m(20));
    hold.settle(m(20));
    REQUIRE(hold.amount() == m(60));
  }
  REQUIRE(account.view().spent == m(20));
  REQUIRE(account.view().available == m(80));
}

TEST_CASE("a hold can be moved, and releases what it held when something is moved into it", "[policy][spend]") {
  Spend spend;
  SpendAccount& account = open(spend, Period::day, 100);
  const auto config = caps({{Period::day, 100}});
  SpendHold a, b;
  REQUIRE(spend.admit(config, m(30), kNow, a).verdict == Verdict::admitted);
  REQUIRE(spend.admit(config, m(40), kNow, b).verdict == Verdict::admitted);
  a = std::move(b);
  REQUIRE(account.view().held == m(40));
  REQUIRE(a.amount() == m(40));
  SpendHold c(std::move(a));
  REQUIRE(account.view().held == m(40));
  SpendHold& same = c;
  c = std::move(same);
  REQUIRE(account.view().held == m(40));
  REQUIRE(spend.admit(config, m(90), kNow, c).verdict == Verdict::admitted);  // its old hold does not block it
  REQUIRE(account.view().held == m(90));
}

TEST_CASE("several caps hold together or not at all", "[policy][spend]") {
  Spend spend;
  SpendAccount& day = open(spend, Period::day, 100);
  SpendAccount& month = open(spend, Period::month, 1000, 950);
  SpendAccount& total = open(spend, Period::total, 5000);
  const auto config = caps({{Period::day, 100}, {Period::month, 1000}, {Period::total, 5000}});
  SpendHold hold;
  const auto refusal = spend.admit(config, m(60), kNow, hold);
  REQUIRE(refusal.verdict == Verdict::exceeds_budget);
  REQUIRE(refusal.period == Period::month);
  REQUIRE(refusal.resets_at == utc(2026, 12, 1));
  REQUIRE(refusal.view.spent == m(950));
  for (const SpendAccount* account : {&day, &month, &total}) REQUIRE(account->view().held == m(0));

  REQUIRE(spend.admit(config, m(50), kNow, hold).verdict == Verdict::admitted);
  for (const SpendAccount* account : {&day, &month, &total}) REQUIRE(account->view().held == m(50));
  hold.settle(m(45));
  REQUIRE(day.view().spent == m(45));
  REQUIRE(month.view().spent == m(995));
  REQUIRE(total.view().spent == m(45));
}

TEST_CASE("each reason of a refusal has its verdict", "[policy][spend]") {
  Spend spend;
  const auto config = caps({{Period::month, 100}});
  SpendHold hold, other;

  SECTION("the account has not been read yet") {
    REQUIRE(spend.admit(config, m(1), kNow, hold).verdict == Verdict::unavailable);
    spend.account(key_of(Period::month, kNow), m(100));
    REQUIRE(spend.admit(config, m(1), kNow, hold).verdict == Verdict::unavailable);
    REQUIRE(spend.admit(config, m(0), kNow, hold).verdict == Verdict::unavailable);
  }
  SECTION("the cap is spent") {
    open(spend, Period::month, 100, 100);
    const auto r = spend.admit(config, m(1), kNow, hold);
    REQUIRE(r.verdict == Verdict::cap_reached);
    REQUIRE(r.view.cap == m(100));
    REQUIRE(r.view.spent == m(100));
    REQUIRE(spend.admit(config, m(0), kNow, hold).verdict == Verdict::cap_reached);
  }
  SECTION("this amount alone is more than what is left") {
    open(spend, Period::month, 100, 60);
    REQUIRE(spend.admit(config, m(41), kNow, hold).verdict == Verdict::exceeds_budget);
    REQUIRE(spend.admit(config, m(40), kNow, hold).verdict == Verdict::admitted);
  }
  SECTION("others hold what it needs") {
    open(spend, Period::month, 100, 0);
    REQUIRE(spend.admit(config, m(70), kNow, other).verdict == Verdict::admitted);
    const auto r = spend.admit(config, m(40), kNow, hold);
    REQUIRE(r.verdict == Verdict::busy);
    REQUIRE(r.view.held == m(70));
    other = SpendHold{};
    REQUIRE(spend.admit(config, m(40), kNow, hold).verdict == Verdict::admitted);
  }
  SECTION("the slice of this process is too small") {
    SpendAccount& account = spend.account(key_of(Period::month, kNow), m(100));
    account.rebase(MoneySum{}, m(10));
    REQUIRE(spend.admit(config, m(40), kNow, hold).verdict == Verdict::lease_pending);
    REQUIRE(account.wanted() == m(40));
    account.grant(m(30));
    REQUIRE(spend.admit(config, m(40), kNow, hold).verdict == Verdict::admitted);
  }
}

TEST_CASE("in mode estimate only an empty cap refuses", "[policy][spend]") {
  Spend spend;
  SpendAccount& account = open(spend, Period::month, 100, 90);
  const auto config = caps({{Period::month, 100}}, SpendMode::estimate);
  SpendHold a, b;
  REQUIRE(spend.admit(config, m(500), kNow, a).verdict == Verdict::admitted);
  REQUIRE(spend.admit(config, m(1), kNow, b).verdict == Verdict::busy);
  a.settle(m(30));
  REQUIRE(account.view().spent == m(120));
  REQUIRE(spend.admit(config, m(1), kNow, b).verdict == Verdict::cap_reached);
}

TEST_CASE("of several refusals the most final one is reported", "[policy][spend]") {
  Spend spend;
  SpendAccount& day = spend.account(key_of(Period::day, kNow), m(100));
  day.rebase(MoneySum{}, m(0));  // would be lease_pending
  open(spend, Period::month, 100, 100);
  const auto r =
      spend.admit(caps({{Period::day, 100}, {Period::month, 100}}), m(10), kNow, *std::make_unique<SpendHold>());
  REQUIRE(r.verdict == Verdict::cap_reached);
  REQUIRE(r.period == Period::month);

  Spend both;
  open(both, Period::day, 100, 100);
  open(both, Period::week, 100, 100);
  SpendHold hold;
  REQUIRE(both.admit(caps({{Period::week, 100}, {Period::day, 100}}), m(1), kNow, hold).period == Period::week);
}

TEST_CASE("clock jumps find the account of their own period, and none is no free quota", "[policy][spend]") {
  Spend spend;
  SpendAccount& november = open(spend, Period::month, 100, 90);
  const auto config = caps({{Period::month, 100}});
  SpendHold hold;

  REQUIRE(spend.admit(config, m(1), utc(2026, 12, 1, 1), hold).verdict == Verdict::unavailable);
  SpendAccount& december = open(spend, Period::month, 100, 0, utc(2026, 12, 1, 1));
  REQUIRE(spend.admit(config, m(50), utc(2026, 12, 1, 1), hold).verdict == Verdict::admitted);
  REQUIRE(december.view().held == m(50));
  hold = SpendHold{};

  REQUIRE(spend.admit(config, m(50), utc(2026, 11, 30, 23), hold).verdict == Verdict::exceeds_budget);
  REQUIRE(spend.admit(config, m(10), utc(2026, 11, 30, 23), hold).verdict == Verdict::admitted);
  REQUIRE(november.view().held == m(10));
  REQUIRE(december.view().held == m(0));
  REQUIRE(spend.admit(config, m(1), utc(2026, 10, 31, 23), hold).verdict == Verdict::unavailable);
}

TEST_CASE("another time zone has other accounts", "[policy][spend]") {
  Spend spend;
  open(spend, Period::day, 100);
  auto config = caps({{Period::day, 100}});
  config.zone = {{std::chrono::sys_seconds{}, hours{2}}};
  SpendHold hold;
  REQUIRE(spend.admit(config, m(1), kNow, hold).verdict == Verdict::unavailable);
  spend.account(key_of(Period::day, kNow, config.zone), m(100)).grant(m(100));
  const auto r = spend.admit(config, m(101), kNow, hold);
  REQUIRE(r.verdict == Verdict::exceeds_budget);
  REQUIRE(r.resets_at == utc(2026, 11, 22, 22));
}

TEST_CASE("an account is made once and keeps its place; a second request sets its cap", "[policy][spend]") {
  Spend spend;
  SpendAccount& first = open(spend, Period::week, 100);
  for (int day = 1; day <= 28; ++day) open(spend, Period::day, 100, 0, utc(2026, 2, static_cast<unsigned>(day)));
  SpendAccount& again = spend.account(first.key(), m(70));
  REQUIRE(&again == &first);
  REQUIRE(first.cap() == m(70));
  REQUIRE(spend.accounts().size() == 29);
  REQUIRE(spend.accounts().front() == &first);
}

TEST_CASE("views report every cap, also of one whose account is not there", "[policy][spend]") {
  Spend spend;
  open(spend, Period::day, 100, 30);
  const auto views = spend.views(caps({{Period::day, 100}, {Period::total, 900}}), kNow);
  REQUIRE(views.size() == 2);
  REQUIRE(views[0].period == Period::day);
  REQUIRE(views[0].view.spent == m(30));
  REQUIRE(views[0].view.available == m(70));
  REQUIRE(views[0].bounds.end == utc(2026, 11, 23));
  REQUIRE(views[1].view.cap == m(900));
  REQUIRE(views[1].view.available == m(0));
  REQUIRE(views[1].bounds.end == WallTime::max());
}

TEST_CASE("an account that is retired is found no more, and freed after the last hold in it", "[policy][spend]") {
  Spend spend;
  SpendAccount& before = open(spend, Period::day, 100, 0, utc(2026, 11, 21));
  SpendAccount& retired = open(spend, Period::day, 100);
  SpendAccount& after = open(spend, Period::day, 100, 0, utc(2026, 11, 23));
  const SpendConfig config = caps({{Period::day, 100}});
  SpendHold hold;
  REQUIRE(spend.admit(config, m(10), kNow, hold).verdict == Verdict::admitted);
  REQUIRE_FALSE(retired.is_quiet());
  spend.retire(retired);
  REQUIRE(spend.retired() == 1);
  REQUIRE(spend.accounts() == std::vector<SpendAccount*>{&before, &after});
  SpendHold other;
  REQUIRE(spend.admit(config, m(10), kNow, other).verdict == Verdict::unavailable);
  REQUIRE(spend.admit(config, m(10), utc(2026, 11, 21), other).verdict == Verdict::admitted);
  REQUIRE(spend.admit(config, m(10), utc(2026, 11, 23), other).verdict == Verdict::admitted);
  hold.settle(m(3));
  spend.free_retired();
  REQUIRE(spend.retired() == 0);
  spend.retire(after);
  REQUIRE(spend.retired() == 1);
  other = SpendHold{};
  spend.retire(before);
  REQUIRE(spend.retired() == 0);
  REQUIRE(spend.accounts().empty());
}

TEST_CASE("an account is quiet once nothing is held and all that was settled is in the store", "[policy][spend]") {
  Spend spend;
  SpendAccount& day = open(spend, Period::day, 100);
  const SpendConfig config = caps({{Period::day, 100}});
  REQUIRE(day.is_quiet());
  SpendHold hold;
  REQUIRE(spend.admit(config, m(10), kNow, hold).verdict == Verdict::admitted);
  REQUIRE_FALSE(day.is_quiet());
  hold.settle(m(3));
  REQUIRE_FALSE(day.is_quiet());
  day.appended(m(3));
  REQUIRE(day.is_quiet());
  REQUIRE(spend.admit(config, m(0), kNow, hold).verdict == Verdict::admitted);
  REQUIRE_FALSE(day.is_quiet());
  hold = SpendHold{};
  REQUIRE(spend.admit(config, m(1000), kNow, hold).verdict != Verdict::admitted);
  REQUIRE(day.is_quiet());
}

TEST_CASE("a cap that was lowered holds from the next request on, whatever is leased", "[policy][spend]") {
  Spend spend;
  SpendAccount& account = open(spend, Period::day, 1000, 30);
  SpendHold hold;
  REQUIRE(spend.admit(caps({{Period::day, 50}}), m(21), kNow, hold).verdict == Verdict::exceeds_budget);
  REQUIRE(spend.admit(caps({{Period::day, 50}}), m(20), kNow, hold).verdict == Verdict::admitted);
  REQUIRE(account.view().cap == m(50));
}
