// Spend accounts over time: what they ask of the store, and what becomes of them when nobody needs them any more.
#include "policy/limits/period.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Config capped(std::vector<SpendCap> caps) {
  Config config = test_config();
  config.projects[0].spend.caps = std::move(caps);
  config.timeouts.total = config.timeouts.idle = config.timeouts.first_byte = hours(1000);
  return config;
}

AccountKey key_now(const TestGateway& t, Period period) {
  const PeriodBounds bounds = period_of(period, t.timer.wall(), {});
  return {"demo", period, bounds.start, bounds.end};
}

// Some pumps, far enough apart that each looks at all accounts.
void pump_well(TestGateway& t, int times = 6) {
  for (int i = 0; i < times; ++i) {
    t.timer.advance(milliseconds(600));
    t.pump();
  }
}

std::size_t calls_of_pumps(TestGateway& t) {
  const std::size_t before = t.store.calls();
  pump_well(t, 10);
  return t.store.calls() - before;
}

}  // namespace

TEST_CASE("a server that runs for sixty days requests no more of the store than on its second", "[proxy][accounts]") {
  TestGateway t(capped({{Money::dollars(5), Period::day, {}}, {Money::dollars(20), Period::week, {}}}));
  t.upstream.answer_all(Answer::json(200, kAnswer));
  std::size_t second_day = 0;
  for (int day = 0; day < 60; ++day) {
    FakeClient client;
    const auto exchange = t.ask(client, kChat);
    t.upstream.run();
    CHECK(client.status() == 200);
    pump_well(t);
    if (day == 2) second_day = calls_of_pumps(t);
    t.timer.advance(hours(24));
  }
  pump_well(t);
  CHECK(second_day > 0);
  CHECK(calls_of_pumps(t) <= second_day);
}

TEST_CASE("a pump makes as many calls of the store for forty projects as for one", "[proxy][accounts]") {
  struct Calls {
    std::size_t start, pumps, end;
    bool operator==(const Calls&) const = default;
  };
  const auto calls_of = [](int projects) {
    Config config = capped({{Money::dollars(5), Period::day, {}}, {Money::dollars(20), Period::week, {}}});
    const ProjectConfig first = config.projects[0];
    for (int i = 1; i < projects; ++i) {
      config.projects.push_back(first);
      config.projects.back().name = "p" + std::to_string(i);
    }
    TestGateway t(config);
    Calls calls{};
    calls.start = t.store.calls();
    calls.pumps = calls_of_pumps(t);
    for (const ProjectConfig& project : config.projects) {
      const PeriodBounds day = period_of(Period::day, t.timer.wall(), {});
      CHECK(t.store.account_now(1, {project.name, Period::day, day.start, day.end}).own != MoneySum{});
    }
    Config none = config;  // all leases go back
    none.projects.clear();
    REQUIRE(t.core->reload(none).has_value());
    calls.end = calls_of_pumps(t);
    for (const ProjectConfig& project : config.projects) {
      const PeriodBounds day = period_of(Period::day, t.timer.wall(), {});
      CHECK(t.store.account_now(1, {project.name, Period::day, day.start, day.end}).leased == MoneySum{});
    }
    return calls;
  };
  const Calls of_one = calls_of(1);
  CHECK(of_one.start > 0);
  CHECK(of_one.pumps > 0);
  CHECK(of_one.end > 0);
  CHECK(calls_of(40) == of_one);
}

TEST_CASE("the lease of a period that is over goes back", "[proxy][accounts]") {
  TestGateway t(capped({{Money::dollars(5), Period::day, {}}}));
  const AccountKey first = key_now(t, Period::day);
  pump_well(t);
  REQUIRE_FALSE(t.store.account_now(1, first).own.is_negative());
  REQUIRE(t.store.account_now(1, first).own != MoneySum{});
  t.timer.advance(hours(24));
  pump_well(t);
  CHECK(t.store.account_now(1, first).own == MoneySum{});
}

TEST_CASE("a stream that runs for days is settled in the period in which it was accepted", "[proxy][accounts]") {
  TestGateway t(capped({{Money::dollars(5), Period::day, {}}}));
  pump_well(t);
  const AccountKey first = key_now(t, Period::day);
  FakeClient client;
  const auto exchange = t.ask(client, kStream);
  REQUIRE(t.upstream.calls() == 1);
  t.upstream.call(0).head(200, {{"content-type", "text/event-stream"}});
  for (int day = 0; day < 5; ++day) {
    t.timer.advance(hours(24));
    t.upstream.call(0).body(chunk("a"));
    pump_well(t);
  }
  // What it holds is leased still; all else has gone back.
  const MoneySum held = t.store.account_now(1, first).own;
  CHECK(held != MoneySum{});
  CHECK(held <= MoneySum(t.rows().at(0).hold));
  t.upstream.call(0).body(kFinish + kUsage + kDone);
  t.upstream.call(0).end({});
  CHECK(client.finished());
  pump_well(t);
  CHECK(t.store.account_now(1, first).own == MoneySum{});
  CHECK(t.store.account_now(1, first).spent == MoneySum(Money::parse("0.00002").value()));
}

TEST_CASE("the lease of a project or a cap that is taken away goes back, as holds end", "[proxy][accounts]") {
  for (const bool project_goes : {true, false}) {
    const Config config = capped({{Money::dollars(5), Period::month, {}}, {Money::dollars(9), Period::total, {}}});
    TestGateway t(config);
    pump_well(t);
    const AccountKey month = key_now(t, Period::month), total = key_now(t, Period::total);
    FakeClient client;
    const auto exchange = t.ask(client, kChat);
    REQUIRE(t.upstream.calls() == 1);
    Config less = config;
    if (project_goes) {
      less.projects.clear();
    } else {
      less.projects[0].spend.caps.clear();
    }
    REQUIRE(t.core->reload(less).has_value());
    pump_well(t);
    const MoneySum held(t.rows().at(0).hold);
    CHECK(t.store.account_now(1, month).own == held);
    CHECK(t.store.account_now(1, total).own == held);
    t.upstream.call(0).answer(Answer::json(200, kAnswer));
    CHECK(client.status() == 200);
    pump_well(t);
    for (const AccountKey& key : {month, total}) {
      CHECK(t.store.account_now(1, key).own == MoneySum{});
      CHECK(t.store.account_now(1, key).leased == MoneySum{});
      CHECK(t.store.account_now(1, key).spent == MoneySum(Money::parse("0.00002").value()));
    }

    // It comes back, and knows what was spent.
    REQUIRE(t.core->reload(config).has_value());
    pump_well(t);
    FakeClient asker;
    const auto facts = t.open(asker, "GET", "/v1/key");
    CHECK(asker.body().find(R"("cap":"5","spent":"0.00002","held":"0")") != std::string::npos);
    FakeClient again;
    const auto second = t.ask(again, kChat);
    CHECK(t.upstream.calls() == 2);
  }
}

TEST_CASE("a lease whose return failed is returned later, and counted once", "[proxy][accounts]") {
  for (std::size_t n = 1; n <= 12; ++n) {
    CAPTURE(n);
    const Config config = capped({{Money::dollars(5), Period::month, {}}});
    TestGateway t(config);
    pump_well(t);
    const AccountKey month = key_now(t, Period::month);
    Config less = config;
    less.projects[0].spend.caps.clear();
    REQUIRE(t.core->reload(less).has_value());
    t.store.fail_nth(n);
    pump_well(t, 12);
    CHECK(t.store.account_now(1, month).own == MoneySum{});
    REQUIRE(t.core->reload(config).has_value());
    pump_well(t, 12);
    const MoneySum own = t.store.account_now(1, month).own;
    CHECK(own != MoneySum{});
    CHECK(own <= MoneySum(Money::dollars(5)));
  }
}

TEST_CASE("a request of the last second of a period is tried again in the next one", "[proxy][accounts]") {
  Config config = capped({{Money::dollars(5), Period::day, {}}});
  config.retry.max_attempts = 2;
  TestGateway t(config);
  t.timer.advance(hours(12) - seconds(4));
  pump_well(t);
  FakeClient client;
  const auto exchange = t.ask(client, kChat);
  REQUIRE(t.upstream.calls() == 1);
  t.timer.advance(seconds(20));
  pump_well(t);
  t.upstream.call(0).answer(Answer::json(500, "{}"));
  for (int i = 0; i < 40 && t.upstream.calls() < 2; ++i) {
    t.timer.advance(milliseconds(10));
    t.pump();
  }
  REQUIRE(t.upstream.calls() == 2);
  t.upstream.call(1).answer(Answer::json(200, kAnswer));
  CHECK(client.status() == 200);
}

TEST_CASE("while the clock is set back what was used in days to come is not of today", "[proxy][accounts]") {
  TestGateway t;
  const auto used = [&t] {
    FakeClient asker;
    const auto facts = t.open(asker, "GET", "/v1/key");
    return asker.body().substr(asker.body().find(R"("usage":)"));
  };
  const auto ask = [&t] {
    FakeClient client;
    t.upstream.answer_all(Answer::json(200, kAnswer));
    const auto exchange = t.ask(client, kChat);
    t.upstream.run();
    REQUIRE(client.status() == 200);
    pump_well(t);
  };
  ask();
  const std::string once = used();
  CHECK(once.find(R"("day":"0.00002")") != std::string::npos);
  t.timer.set_wall(t.timer.wall() - hours(24));
  pump_well(t);
  CHECK(used().find(R"("day":"0")") != std::string::npos);
  ask();
  CHECK(used().find(R"("day":"0.00002")") != std::string::npos);
  t.timer.set_wall(t.timer.wall() + hours(24));
  ask();
  CHECK(used().find(R"("day":"0.00004")") != std::string::npos);
}
