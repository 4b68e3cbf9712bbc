// A second attempt beside a slow first one.
#include <deque>

#include "gateway/testing/policy_fixture.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

Config hedged() {
  Config config = test_config();
  config.routes[0].hedge.emplace().after = 800ms;
  return config;
}

const HeaderList kEvents{{"content-type", "text/event-stream"}};
const HeaderList kJson{{"content-type", "application/json"}};

// Two attempts under way.
struct Race {
  explicit Race(std::string_view request, const Config& config = hedged()) : t(config) {
    exchange = t.ask(client, request);
    t.timer.advance(799ms);
    REQUIRE(t.upstream.calls() == 1);
    t.timer.advance(1ms);
    REQUIRE(t.upstream.calls() == 2);
  }
  FakeCall& first() { return t.upstream.call(0); }
  FakeCall& second() { return t.upstream.call(1); }

  TestGateway t;
  FakeClient client;
  std::unique_ptr<Exchange> exchange;
};

}  // namespace

TEST_CASE("of two streams the one that begins first is the answer, and the other is ended and billed",
          "[proxy][hedge]") {
  for (const bool first_wins : {true, false}) {
    INFO("first wins: " << first_wins);
    Race race(kStream);
    FakeCall& winner = first_wins ? race.first() : race.second();
    FakeCall& loser = first_wins ? race.second() : race.first();
    loser.head(200, kEvents);
    loser.body("data: {\"id\":");  // not yet an event
    winner.head(200, kEvents);
    CHECK(race.client.status() == 0);
    CHECK(loser.alive());
    winner.body(chunk("hi"));
    CHECK(race.client.status() == 200);
    CHECK(loser.cancelled());
    CHECK(race.client.header("x-gateway-provider") == (first_wins ? "alpha" : "beta"));
    CHECK(race.client.header("x-gateway-attempts") == "2");
    winner.body(kFinish + kUsage + kDone);
    CHECK(race.client.finished());
    CHECK(race.client.body() == chunk("hi") + kFinish + kDone);
    const std::vector<Row> rows = race.t.rows();
    REQUIRE(rows.size() == 2);
    CHECK((rows[0].flags & row_flag::hedge) == 0);
    CHECK((rows[1].flags & row_flag::hedge) != 0);
    const Row& won = rows[first_wins ? 0 : 1];
    const Row& lost = rows[first_wins ? 1 : 0];
    CHECK(won.cost_source == CostSource::priced);
    CHECK(won.error_code.empty());
    CHECK(lost.error_code.view() == "hedge_lost");
    CHECK(lost.cost_source == CostSource::estimated);
    CHECK(lost.cost > Money{});
    CHECK(lost.state == RowState::settled);
  }
}

TEST_CASE("of two documents the one whose provider begins to answer is the answer", "[proxy][hedge]") {
  Race race(kChat);
  race.second().head(200, kJson);
  CHECK(race.first().alive());
  race.second().body(std::string_view(kAnswer).substr(0, 10));
  CHECK(race.first().cancelled());
  race.second().body(std::string_view(kAnswer).substr(10));
  race.second().end();
  CHECK(race.client.status() == 200);
  CHECK(race.client.header("x-gateway-provider") == "beta");
  const std::vector<Row> rows = race.t.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].cost == rows[0].hold);  // it may have been made in full
  CHECK(race.client.header("x-gateway-cost") == rows[0].cost.plus_saturated(rows[1].cost).to_string());
  race.exchange.reset();
  CHECK(race.t.core->stats().buffered_bytes == 0);
}

TEST_CASE("what has not left costs nothing when it loses", "[proxy][hedge]") {
  Race race(kChat);
  race.first().not_sent();
  race.second().answer(Answer::json(200, kAnswer));
  const std::vector<Row> rows = race.t.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].cost.is_zero());
  CHECK(rows[0].error_code.view() == "hedge_lost");
}

TEST_CASE("no hedge once anything of the answer has come, nor for one that is quick", "[proxy][hedge]") {
  for (const std::string_view request : {kStream, kChat}) {
    TestGateway t(hedged());
    FakeClient client;
    const auto exchange = t.ask(client, request);
    t.timer.advance(500ms);
    const bool streamed = request == kStream;
    t.upstream.call(0).head(200, streamed ? kEvents : kJson);
    t.upstream.call(0).body(streamed ? chunk("hi") : std::string(kAnswer).substr(0, 10));
    t.timer.advance(10s);
    CHECK(t.upstream.calls() == 1);
  }
}

TEST_CASE("blanks ahead of a document are none of it", "[proxy][hedge]") {
  TestGateway t(hedged());
  FakeClient client;
  const auto exchange = t.ask(client, kChat);
  t.timer.advance(500ms);
  t.upstream.call(0).head(200, kJson);
  t.upstream.call(0).body("\n  \r\n");
  t.timer.advance(300ms);
  REQUIRE(t.upstream.calls() == 2);
  t.upstream.call(0).body(" ");
  CHECK(t.upstream.call(1).alive());
  t.upstream.call(1).answer(Answer::json(200, kAnswer));
  CHECK(client.header("x-gateway-provider") == "beta");
  CHECK(client.body() == kAnswer);
}

TEST_CASE("of two one may fail, in whatever way: the other answers", "[proxy][hedge]") {
  for (const int status : {400, 401, 429, 500}) {
    for (const bool first_fails : {true, false}) {
      INFO(status << ", first fails: " << first_fails);
      Race race(kChat);
      FakeCall& failing = first_fails ? race.first() : race.second();
      FakeCall& other = first_fails ? race.second() : race.first();
      failing.answer(Answer::json(status, R"({"error":{"message":"no"}})"));
      CHECK(race.client.status() == 0);
      CHECK(other.alive());
      CHECK(race.t.upstream.calls() == 2);
      other.answer(Answer::json(200, kAnswer));
      CHECK(race.client.status() == 200);
      CHECK(race.t.upstream.calls() == 2);
    }
  }
}

TEST_CASE("an attempt that has failed is not hedged while the next one is waited for", "[proxy][hedge][retry]") {
  Config config = hedged();
  config.routes[0].hedge->after = 50ms;
  config.routes[0].targets.resize(1);
  TestGateway t(config);
  FakeClient client;
  const auto exchange = t.ask(client, kChat);
  t.upstream.call(0).end(Error{ErrorCode::unreachable, "as the test says"});
  for (int i = 0; i < 20 && t.upstream.calls() == 1; ++i) t.timer.advance(10ms);
  REQUIRE(t.upstream.calls() == 2);
  CHECK(t.upstream.alive() == 1);
  t.upstream.call(1).answer(Answer::json(200, kAnswer));
  CHECK(client.status() == 200);
  const std::vector<Row> rows = t.rows();
  REQUIRE(rows.size() == 2);
  CHECK((rows[1].flags & row_flag::hedge) == 0);
}

TEST_CASE("if both fail the request is tried again, unless one refused it for good", "[proxy][hedge]") {
  for (const bool refused : {false, true}) {
    Race race(kChat);
    race.first().answer(Answer::json(refused ? 400 : 500, R"({"error":{"message":"no"}})"));
    race.second().answer(Answer::json(500, "{}"));
    race.t.timer.advance(200ms);
    if (refused) {
      CHECK(race.client.status() == 400);
      CHECK(race.t.upstream.calls() == 2);
    } else {
      REQUIRE(race.t.upstream.calls() == 3);  // round again
      race.t.upstream.call(2).answer(Answer::json(200, kAnswer));
      CHECK(race.client.status() == 200);
      CHECK(race.client.header("x-gateway-attempts") == "3");
    }
  }
}

TEST_CASE("what one refused for good is asked of no third, and an error that was on its way costs nothing",
          "[proxy][hedge]") {
  Config config = hedged();
  config.routes[0].hedge->most = 3;
  Race race(kChat, config);
  race.first().answer(Answer::json(400, R"({"error":{"message":"no"}})"));
  race.t.timer.advance(10s);
  CHECK(race.t.upstream.calls() == 2);
  Race other(kChat);
  other.first().head(500, kJson);
  other.second().answer(Answer::json(200, kAnswer));
  CHECK(other.client.status() == 200);
  CHECK(other.t.rows().front().cost == Money{});
}

TEST_CASE("a client that leaves two attempts ends both, and both are billed", "[proxy][hedge]") {
  Race race(kChat);
  race.exchange.reset();
  CHECK(race.t.upstream.alive() == 0);
  const std::vector<Row> rows = race.t.rows();
  REQUIRE(rows.size() == 2);
  for (const Row& row : rows) {
    CHECK(row.error_code.view() == "client_left");
    CHECK(row.cost == row.hold);
  }
  CHECK(race.t.core->stats().in_flight == 0);
}

TEST_CASE("the caps hold for both attempts, or there is no hedge", "[proxy][hedge]") {
  Money hold;
  const auto under_cap = [](Money cap) {
    Config config = hedged();
    config.projects[0].spend.caps.push_back({cap, Period::month, {}});
    return config;
  };
  {
    Race race(kChat, under_cap(Money::dollars(1)));
    race.exchange.reset();
    hold = race.t.rows().front().hold;
    REQUIRE(hold > Money{});
  }
  for (const int holds : {1, 2}) {
    INFO(holds);
    TestGateway t(under_cap(hold.times_saturated(holds)));
    FakeClient client;
    const auto exchange = t.ask(client, kChat);
    for (int i = 0; i < 5; ++i) t.timer.advance(5ms), t.pump();
    REQUIRE(t.upstream.calls() == 1);
    for (int i = 0; i < 400; ++i) t.timer.advance(5ms), t.pump();
    CHECK(t.upstream.calls() == static_cast<std::size_t>(holds));
    t.upstream.call(0).answer(Answer::json(200, kAnswer));
    CHECK(client.status() == 200);
  }
}

TEST_CASE("hedges count as extra dispatches: of the budget, and of max_attempts", "[proxy][hedge][retry]") {
  Config config = hedged();
  config.retry.budget = 0;
  TestGateway t(config);
  std::deque<FakeClient> clients;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (int i = 0; i < 50; ++i) exchanges.push_back(t.ask(clients.emplace_back(), kChat));
  t.timer.advance(800ms);
  CHECK(t.upstream.calls() == 60);  // ten a second
  config.retry.max_attempts = 1;
  TestGateway one(config);
  FakeClient client;
  const auto exchange = one.ask(client, kChat);
  one.timer.advance(10s);
  CHECK(one.upstream.calls() == 1);
}

TEST_CASE("a client that waits long hears of the one that answers, or of the newer", "[proxy][hedge]") {
  for (const bool answers : {true, false}) {
    Race race(kStream);
    if (answers) race.first().head(200, kEvents);
    race.t.timer.advance(15s);
    CHECK(race.client.status() == 200);
    CHECK(race.client.header("x-gateway-provider") == (answers ? "alpha" : "beta"));
    CHECK(race.t.upstream.alive() == 1);
    race.t.timer.advance(60s);
    CHECK(race.t.upstream.calls() == 2);  // nothing follows
    FakeCall& call = answers ? race.first() : race.second();
    if (!answers) call.head(200, kEvents);
    call.body(chunk("hi") + kFinish + kUsage + kDone);
    CHECK(race.client.finished());
  }
}

TEST_CASE("a percentile is of the target's own answers, once there are enough", "[proxy][hedge]") {
  Config config;
  config.routes = {route("fast", {"slow", "other"}, per_million("1", "2"))};
  config.routes[0].hedge.emplace();
  PolicyFixture policy(config);
  policy.script("slow", {{chat_answer(), 20s}});
  CHECK(policy.ask({.model = "fast"}).attempts == 1);
  std::vector<Scripted> usual(40, {chat_answer(), 200ms});
  usual.emplace_back(chat_answer(), 20s);
  policy.script("slow", usual);
  for (int i = 0; i < 40; ++i) CHECK(policy.ask({.model = "fast"}).attempts == 1);
  const PolicyAnswer answer = policy.ask({.model = "fast"});
  CHECK(answer.attempts == 2);
  CHECK(answer.provider == "other");
  CHECK(answer.took >= 200ms);
  CHECK(answer.took < 300ms);
}

TEST_CASE("the answer's route says which attempt was the hedge", "[proxy][hedge]") {
  Config config = hedged();
  config.route_header = true;
  Race race(kChat, config);
  race.second().answer(Answer::json(200, kAnswer));
  CHECK(race.client.header("x-gateway-route") == "m; ordered; alpha/m-a=dispatched; beta/m-b=hedged");
}
