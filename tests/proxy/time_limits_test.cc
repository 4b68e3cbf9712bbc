// What our own time limits do to an attempt, to its cost, and to others.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

Config one_target(std::optional<SpendCap> cap = {}) {
  Config config = test_config();
  config.routes[0].targets.pop_back();
  if (cap) config.projects[0].spend.caps.push_back(*cap);
  return config;
}

std::string error_frame_of(const FakeClient& client) {
  return client.body().substr(client.body().find("data: {\"error\""));
}

// Time passes as in a loop: alarms ring when they are due.
void pass(TestGateway& t, Duration time) {
  for (Duration done{0}; done < time; done += 1s) t.timer.advance(1s);
}

}  // namespace

TEST_CASE("the defaults leave a model minutes to think", "[proxy][time]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  pass(t, 9min + 55s);
  CHECK_FALSE(client.has_head());
  t.upstream.call(0).answer(Answer::json(200, kAnswer));
  CHECK(client.status() == 200);
  CHECK(t.upstream.calls() == 1);
}

TEST_CASE("a request that has left is never dispatched again after a time limit of ours", "[proxy][time]") {
  for (const bool lost : {false, true}) {
    Config config = test_config();
    config.retry.on_lost = lost;
    TestGateway t(config);
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    pass(t, 10min + 1s);
    CHECK(t.upstream.calls() == (lost ? 2u : 1u));
    if (lost) continue;
    CHECK(client.status() == 504);
    CHECK(client.header("x-should-retry") == "false");
  }
}

TEST_CASE("an answer in one piece that we end before it comes costs its hold", "[proxy][time][money]") {
  TestGateway t(one_target());
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  SECTION("by a time limit") { pass(t, 10min + 1s); }
  SECTION("because the client leaves") { exchange.reset(); }
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cost_source == CostSource::held);
  CHECK(rows[0].cost == rows[0].hold);
  CHECK(rows[0].cost > Money{});
}

TEST_CASE("a request that never left costs nothing when its client leaves", "[proxy][time][money]") {
  TestGateway t(one_target());
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  t.upstream.call(0).not_sent();
  exchange.reset();
  REQUIRE(t.rows().size() == 1);
  CHECK(t.rows()[0].cost.is_zero());
}

TEST_CASE("a stream that we end costs what was relayed", "[proxy][time][money]") {
  TestGateway t(one_target());
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  call.body(chunk("twelve bytes"));
  pass(t, 5min + 1s);
  CHECK(client.aborted());
  CHECK(error_frame_of(client).find("provider_timeout") != std::string::npos);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cost_source == CostSource::estimated);
  CHECK(rows[0].usage.output == 3);
}

TEST_CASE("idle counts from the first event on, comments do not begin it", "[proxy][time]") {
  Config config = one_target();
  config.timeouts.idle = 20s;
  TestGateway t(config);
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  call.body(": OPENROUTER PROCESSING\n\n");
  pass(t, 5min);
  CHECK_FALSE(client.done());
  call.body(chunk("a"));
  pass(t, 15s);
  CHECK_FALSE(client.done());
  pass(t, 10s);
  CHECK(client.aborted());
}

TEST_CASE("an idle limit shorter than the keep-alive's counts too, also after a pause", "[proxy][time]") {
  Config config = one_target();
  config.timeouts.idle = 2s;
  TestGateway t(config);
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  SECTION("at once") { call.body(chunk("a")); }
  SECTION("after a pause") {
    client.set_flow(Flow::pause);
    call.body(chunk("a"));
    pass(t, 20s);
    client.set_flow(Flow::more);
    exchange->on_drained();
  }
  pass(t, 1s);
  CHECK_FALSE(client.done());
  pass(t, 2s);
  CHECK(client.aborted());
}

TEST_CASE("a time limit of ours opens no breaker for others", "[proxy][time][health]") {
  Config config = one_target();
  config.timeouts.total = 60s;
  TestGateway t(config);
  const auto give_up_on_it = [&](bool slow_reader) {
    FakeClient client;
    auto exchange = t.ask(client, kStream);
    FakeCall& call = t.upstream.call(t.upstream.calls() - 1);
    call.head(200, {{"content-type", "text/event-stream"}});
    if (slow_reader) client.set_flow(Flow::pause);
    call.body(chunk("a"));
    pass(t, 61s);
    CHECK(client.aborted());
  };
  for (int i = 0; i < 10; ++i) give_up_on_it(i % 2 == 0);
  FakeClient client;
  t.upstream.answer_next(Answer::json(200, kAnswer));
  auto exchange = t.ask(client, kChat);
  t.upstream.run();
  CHECK(client.status() == 200);
}

TEST_CASE("a target's own total ends its attempt", "[proxy][time]") {
  Config config = one_target();
  Timeouts own = config.timeouts;
  own.total = 30s;
  config.routes[0].targets[0].timeouts = own;
  TestGateway t(config);
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  pass(t, 31s);
  CHECK(client.status() == 504);
}

TEST_CASE("a keep-alive that pauses the client does not make the loop spin", "[proxy][time]") {
  TestGateway t(one_target());
  FakeClient client;
  client.set_flow(Flow::pause);
  auto exchange = t.ask(client, kStream);
  t.upstream.call(0).head(200, {{"content-type", "text/event-stream"}});
  t.timer.advance(15s);
  CHECK(client.body() == ": keep-alive\n");
  // Whatever is armed now is armed for a time to come.
  REQUIRE(t.timer.next_due());
  CHECK(*t.timer.next_due() > t.timer.now());
  t.timer.advance(30s);
  CHECK(*t.timer.next_due() > t.timer.now());
  pass(t, 5min);
  CHECK(client.aborted());  // it has not read for the idle limit
}

TEST_CASE("[DONE] leaves at once and settles; what the provider does then is nobody's wait", "[proxy][stream]") {
  TestGateway t(one_target());
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  call.body(chunk("a") + kFinish + kUsage + kDone);  // and no end of the body
  CHECK(client.finished());
  CHECK(client.body().ends_with(kDone));
  REQUIRE(t.rows().size() == 1);
  CHECK(t.rows()[0].state == RowState::settled);
  CHECK(t.core->stats().in_flight == 0);
}
