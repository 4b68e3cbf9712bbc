// What a gateway does with its ledger, in memory: durability, thresholds, projects that go and come back.
#include "policy/limits/period.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using std::chrono::milliseconds;

namespace {

Config capped(const char* cap) {
  Config config = test_config();
  SpendCap spend;
  spend.cap = Money::parse(cap).value();
  config.projects[0].spend.caps.push_back(spend);
  return config;
}

// A complete request with its answer; what the client received.
int ask_one(TestGateway& t) {
  FakeClient client;
  t.upstream.answer_all(Answer::json(200, kAnswer));
  const auto exchange = t.ask(client, kChat);
  for (int k = 0; k < 100 && !client.done(); ++k) {
    t.upstream.run();
    t.pump();
    t.timer.advance(milliseconds(5));
  }
  t.timer.advance(std::chrono::seconds(1));
  t.pump();
  return client.status();
}

Money told(TestGateway& t, const std::string& name) {
  FakeClient client;
  const auto exchange = t.open(client, "GET", "/v1/key");
  const std::string key = "\"" + name + "\":\"";
  const std::size_t at = client.body().find(key, client.body().find("\"spend\":"));
  REQUIRE(at != std::string::npos);
  return Money::parse(client.body().substr(at + key.size(), client.body().find('"', at + key.size()) - at - key.size()))
      .value();
}

}  // namespace

TEST_CASE("a young open row is left to a later pump, but not if rows are to be stored at once", "[proxy][ledger]") {
  Config config = test_config();
  config.durability = GENERATE(Durability::process, Durability::power);
  const bool draining = GENERATE(false, true);
  TestGateway t(config, milliseconds(10));
  FakeClient client;
  const auto exchange = t.ask(client, kStream);
  if (draining) t.core->drain();
  t.timer.advance(milliseconds(3));
  const bool at_once = draining || config.durability == Durability::power;
  CHECK(t.rows().size() == (at_once ? 1 : 0));
  CHECK(t.core->stats().ledger_queued == (at_once ? 0 : 1));
  // By when all will be in the store: the row that was left is 3 ms old.
  const milliseconds left = config.durability == Durability::power ? milliseconds(4) : milliseconds(draining ? 10 : 7);
  CHECK(t.core->pump(t.timer.now(), t.timer.wall()) == t.timer.now() + left);
  t.timer.advance(milliseconds(1));
  REQUIRE(t.rows().size() == 1);
  CHECK(t.store.all_rows()[0].state == RowState::open);
  CHECK(t.core->stats().ledger_queued == 0);
}

TEST_CASE("with durability power an answer that fails waits for its row too", "[proxy][ledger]") {
  for (const bool streamed : {false, true}) {
    Config config = test_config();
    config.durability = Durability::power;
    TestGateway t(config);
    FakeClient client;
    const auto exchange = t.ask(client, streamed ? kStream : kChat);
    FakeCall& call = t.upstream.last();
    if (streamed) {
      call.head(200, {{"content-type", "text/event-stream"}});
      call.body(chunk("some of it"));
    }
    call.end(Error{ErrorCode::lost, "as the test says"});
    t.timer.advance(milliseconds(50));
    CHECK_FALSE(client.done());
    CHECK(client.body().find("error") == std::string::npos);
    t.pump();
    REQUIRE(t.store.all_rows().size() == 1);
    CHECK(t.store.all_rows()[0].cost_source == CostSource::estimated);
    t.timer.advance(milliseconds(2));
    CHECK(client.aborted() == streamed);
    CHECK(client.status() == (streamed ? 200 : 502));
    CHECK(client.body().find("provider_error") != std::string::npos);
  }
}

TEST_CASE("the tokens that fit are those that fit under all caps", "[proxy][ledger]") {
  // The one in total ends last, so that it is the one that is reported if both are too small.
  const auto [day, total] = GENERATE(std::pair{"0.001", "0.002"}, std::pair{"0.002", "0.001"});
  Config config = capped(total);
  config.projects[0].spend.caps[0].period = Period::total;
  SpendCap daily;
  daily.cap = Money::parse(day).value();
  daily.period = Period::day;
  config.projects[0].spend.caps.push_back(daily);
  config.routes[0].targets.resize(1);
  TestGateway t(config);
  const auto ask = [&](std::int64_t max_tokens) {
    FakeClient client;
    t.upstream.answer_all(Answer::json(200, kAnswer));
    std::string body(kChat);
    const std::string number = std::to_string(max_tokens);
    const std::string padding(10 - number.size(), 'x');  // the input's bound is to stay the same
    body.insert(1, "\"max_tokens\":" + number + ",\"user\":\"" + padding + "\",");
    const auto exchange = t.ask(client, body);
    for (int k = 0; k < 100 && !client.done(); ++k) {
      t.upstream.run();
      t.pump();
      t.timer.advance(milliseconds(5));
    }
    return std::pair{client.status(), client.body()};
  };
  const auto [status, body] = ask(1'000'000);
  REQUIRE(status == 429);
  const std::string_view name = "\"max_tokens_that_fit\":";
  const std::size_t at = body.find(name);
  REQUIRE(at != std::string::npos);
  const std::int64_t fits = std::stoll(body.substr(at + name.size()));
  CHECK(ask(fits + 1).first == 429);
  CHECK(ask(fits).first == 200);
}

TEST_CASE("soft thresholds are logged, counted, and shown in the metrics, each once", "[proxy][ledger]") {
  Config config = capped("0.001");
  config.projects[0].spend.caps[0].warn_percent = {1, 4, 90};  // an answer costs 2 % of it
  TestGateway t(config);
  const auto metric = [&] {
    const std::string text = t.core->metrics(t.timer.now(), t.timer.wall());
    const std::string name = "\ngateway_spend_threshold_warnings ";
    const std::size_t at = text.find(name);
    REQUIRE(at != std::string::npos);
    return std::stoi(text.substr(at + name.size()));
  };
  const int after[] = {1, 2, 2, 2};
  CHECK(metric() == 0);
  for (const int warnings : after) {
    REQUIRE(ask_one(t) == 200);
    CHECK(t.core->stats().threshold_warnings == warnings);
    CHECK(metric() == warnings);
  }
  std::vector<std::string> lines;
  for (const std::string& line : t.logs) {
    if (line.find("% of its cap") != std::string::npos) lines.push_back(line);
  }
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("project demo has spent 0.00002 USD: 1 % of its cap per month") != std::string::npos);
  CHECK(lines[1].find("4 %") != std::string::npos);
}

TEST_CASE("a cap of nothing has no thresholds", "[proxy][ledger]") {
  Config config = capped("0");
  config.projects[0].spend.caps[0].warn_percent = {50, 100};
  TestGateway t(config);
  CHECK(ask_one(t) == 429);
  CHECK(t.core->stats().threshold_warnings == 0);
}

TEST_CASE("a project that is deleted while it is billed, and comes back, has spent it once", "[proxy][ledger]") {
  const Config with = capped("1");
  Config without = with;
  without.projects.clear();
  TestGateway t(with);
  FakeClient client;
  const auto exchange = t.ask(client, kChat);
  for (int k = 0; k < 100 && t.upstream.calls() == 0; ++k) {
    t.timer.advance(milliseconds(5));
    t.pump();
  }
  REQUIRE(t.upstream.calls() == 1);
  REQUIRE(t.core->reload(without));
  t.upstream.last().answer(Answer::json(200, kAnswer));
  CHECK(client.status() == 200);
  t.pump();
  REQUIRE(t.store.all_rows()[0].state == RowState::settled);
  REQUIRE(t.core->reload(with));
  t.timer.advance(std::chrono::seconds(1));
  t.pump();
  CHECK(told(t, "spent") == t.store.all_rows()[0].cost);
  CHECK(told(t, "held") == Money{});
}

TEST_CASE("a key learns what its project has spent this day, week, month and ever", "[proxy][ledger]") {
  TestGateway t;
  std::uint8_t number = 0;
  const auto spend = [&](WallTime when, const char* dollars) {
    Row row;
    row.request.bytes[15] = ++number;
    row.state = RowState::settled;
    row.project = "demo";
    row.accepted = when;
    row.cost = Money::parse(dollars).value();
    t.store.append({std::span(&row, 1), {}}).value();
  };
  const auto figure = [&](Period period) {
    return told(t, period == Period::day     ? "day"
                   : period == Period::week  ? "week"
                   : period == Period::month ? "month"
                                             : "total");
  };
  const auto days = [](int n) { return std::chrono::hours(24 * n); };
  const std::pair<WallTime, const char*> spent[] = {{t.timer.wall(), "1"},
                                                    {t.timer.wall() - days(1), "10"},
                                                    {t.timer.wall() - days(4), "100"},
                                                    {t.timer.wall() - days(20), "1000"},
                                                    {t.timer.wall() - days(400), "10000"}};
  for (const auto& [when, dollars] : spent) spend(when, dollars);
  for (int day = 0; day < 9; ++day) {
    t.timer.advance(days(1));
    t.pump();
    for (const Period period : {Period::day, Period::week, Period::month, Period::total}) {
      MoneySum expected;
      for (const auto& [when, dollars] : spent) {
        const PeriodBounds bounds = period_of(period, t.timer.wall(), {});
        if (when >= bounds.start && when < bounds.end) expected += Money::parse(dollars).value();
      }
      CAPTURE(day, static_cast<int>(period));
      CHECK(figure(period) == expected.to_money_saturated());
    }
  }
  // Another process's, which shows within half a minute.
  const Money before = figure(Period::total);
  spend(t.timer.wall(), "0.5");
  t.timer.advance(std::chrono::seconds(31));
  t.pump();
  CHECK(figure(Period::total) == before.plus(Money::parse("0.5").value()).value());
}
