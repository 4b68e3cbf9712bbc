// A process that others took for dead while it was stopped: it goes on under a new id, and the ledger ends true.
#include "ledger/sweep.h"
#include "policy/limits/period.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using std::chrono::milliseconds;

namespace {

Config capped() {
  Config config = test_config();
  config.projects[0].spend.caps = {{Money::dollars(5), Period::month, {}}};
  return config;
}

void pump_well(TestGateway& t) {
  for (int i = 0; i < 12; ++i) {
    t.timer.advance(milliseconds(600));
    t.pump();
  }
}

// What another machine does whose clock says that the heartbeat is over.
void take_for_dead(TestGateway& t) {
  const auto swept = sweep_lost(
      t.store, t.store, [](std::uint64_t) { return false; }, t.timer.wall() + std::chrono::minutes(2));
  REQUIRE(swept);
  REQUIRE(swept->processes == 1);
}

AccountState month(const TestGateway& t, std::uint64_t process) {
  const PeriodBounds bounds = period_of(Period::month, t.timer.wall(), {});
  return t.store.account_now(process, {"demo", Period::month, bounds.start, bounds.end});
}

}  // namespace

TEST_CASE("a process that was swept goes on under a new id, and what it settles late is corrected", "[proxy][fenced]") {
  std::size_t failing = 0;  // first no call of the store, then each
  for (bool failed = true; failed; ++failing) {
    CAPTURE(failing);
    TestGateway t(capped());
    t.upstream.answer_all(Answer::json(200, kAnswer));
    FakeClient slow;
    const auto exchange = t.ask(slow, kChat);
    REQUIRE(t.rows().size() == 1);
    take_for_dead(t);
    REQUIRE(t.store.all_rows().at(0).state == RowState::interrupted);
    CHECK(month(t, 1).leased == MoneySum{});

    if (failing > 0) t.store.fail_nth(failing);
    const std::size_t calls = t.store.calls();
    t.upstream.run();
    CHECK(slow.status() == 200);
    pump_well(t);
    failed = failing == 0 || (t.store.calls() - calls >= failing && failing < 40);
    t.store.fail_never();
    pump_well(t);

    CHECK(t.processes == 2);
    CHECK(t.core->process() == 2);
    CHECK(t.core->stats().ledger_writable);
    CHECK(month(t, 1).own == MoneySum{});
    CHECK(month(t, 2).own != MoneySum{});
    FakeClient next;
    const auto another = t.ask(next, kChat);
    t.upstream.run();
    CHECK(next.status() == 200);
    const std::vector<Row> rows = t.rows();
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].state == RowState::interrupted);
    CHECK(rows[1].state == RowState::adjustment);
    CHECK(rows[1].process == 2);
    CHECK(rows[2].state == RowState::settled);
    CHECK(rows[2].process == 2);
    // Both requests had the same answer, and so cost the same in the end.
    CHECK(MoneySum(rows[0].cost) + MoneySum(rows[1].cost) == MoneySum(rows[2].cost));
    CHECK(rows[0].usage.output + rows[1].usage.output == rows[2].usage.output);
    pump_well(t);
    CHECK(month(t, 2).spent == MoneySum(rows[2].cost) + MoneySum(rows[2].cost));
    CHECK(t.store.verify()->findings == std::vector<std::string>{});
  }
  CHECK(failing > 4);
}

TEST_CASE("without another id a process that was swept dispatches nothing any more", "[proxy][fenced]") {
  MemoryStore store;
  REQUIRE(store.put_key(test_key()));
  ManualTimer timer;
  FakeUpstream upstream;
  const auto core =
      Core::create({.config = test_config(), .store = &store, .now = timer.now(), .wall = timer.wall()}).value();
  Gateway gateway(*core, 0, timer, upstream);
  REQUIRE(store.fence(1, timer.wall()));
  FakeClient client;
  const std::string bearer = "Bearer " + std::string(kTestKey);
  const std::vector<HeaderField> fields{{"authorization", bearer}};
  const auto ask = [&](FakeClient& who) {
    auto exchange = gateway.open({.method = "POST",
                                  .path = "/v1/chat/completions",
                                  .query = {},
                                  .headers = fields,
                                  .content_length = {},
                                  .has_body = true},
                                 who);
    if (exchange->wants_body()) exchange->on_body(kChat);
    if (exchange->wants_body()) exchange->on_end();
    return exchange;
  };
  const auto first = ask(client);
  REQUIRE(upstream.calls() == 1);
  core->pump(timer.now(), timer.wall());
  CHECK_FALSE(core->stats().ledger_writable);
  CHECK(core->stats().ledger_queued > 0);
  FakeClient refused;
  const auto second = ask(refused);
  CHECK(refused.status() == 503);
  CHECK(upstream.calls() == 1);
  CHECK(store.all_rows().empty());
}
