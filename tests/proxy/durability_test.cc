// With durability `power` an answer ends once its row is in the store: who waits, for what, and for how long.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using std::chrono::milliseconds;

namespace {

Config power_config() {
  Config config = test_config();
  config.durability = Durability::power;
  return config;
}

}  // namespace

TEST_CASE("an error that waits for its row keeps its own words", "[proxy][durability]") {
  TestGateway t(power_config());
  FakeClient first, second;
  const auto one = t.ask(first, kChat);
  const auto two = t.ask(second, kChat);
  const auto error = [](const std::string& name) {
    return R"({"error":{"message":"m","type":")" + name + R"(_type_of_more_than_a_few_bytes","code":")" + name +
           R"(_code_of_more_than_a_few_bytes"}})";
  };
  t.upstream.call(0).answer(Answer::json(400, error("first")));
  t.upstream.call(1).answer(Answer::json(400, error("SECOND")));
  CHECK_FALSE(first.done());
  t.pump();
  t.timer.advance(milliseconds(5));
  REQUIRE(first.finished());
  CHECK(first.body().find("first_type_of_more_than_a_few_bytes") != std::string::npos);
  CHECK(first.body().find("first_code_of_more_than_a_few_bytes") != std::string::npos);
  CHECK(first.body().find("SECOND") == std::string::npos);
  CHECK(second.body().find("SECOND_code") != std::string::npos);
}

TEST_CASE("however many answers wait for their rows, one alarm rings for all of them", "[proxy][durability]") {
  TestGateway t(power_config());
  t.upstream.answer_all(Answer::json(200, kAnswer));
  const std::size_t before = t.timer.armed();
  std::vector<std::unique_ptr<FakeClient>> clients;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<FakeClient>());
    exchanges.push_back(t.ask(*clients.back(), kChat));
  }
  t.upstream.run();
  CHECK(t.timer.armed() <= before + 1);
  t.timer.advance(milliseconds(20));
  CHECK(t.timer.armed() <= before + 1);
  exchanges[7].reset();  // this client leaves
  t.pump();
  t.timer.advance(milliseconds(2));
  for (std::size_t i = 0; i < clients.size(); ++i) CHECK(clients[i]->finished() == (i != 7));
  CHECK(t.timer.armed() == before);
}

TEST_CASE("whoever waits may be destroyed by another one's end", "[proxy][durability]") {
  for (const bool stored : {true, false}) {
    TestGateway t(power_config());
    t.upstream.answer_all(Answer::json(200, kAnswer));
    FakeClient first, second, third;
    std::unique_ptr<Exchange> one, two, three;
    first.when_done([&] {
      one.reset();
      two.reset();
    });
    one = t.ask(first, kChat);
    two = t.ask(second, kChat);
    three = t.ask(third, kChat);
    t.upstream.run();
    if (stored) {
      t.pump();
    } else {
      t.store.fail_always();
      t.pump();
      t.core->drain();
    }
    t.timer.advance(milliseconds(2));
    CHECK(first.done());
    CHECK_FALSE(second.done());
    CHECK(third.done());
    CHECK(t.core->stats().in_flight == 0);
  }
}

TEST_CASE("an answer whose row cannot be stored ends at the request's time limit, unfinished", "[proxy][durability]") {
  for (const bool streamed : {true, false}) {
    Config config = power_config();
    config.timeouts.total = std::chrono::seconds(30);
    TestGateway t(config);
    FakeClient client;
    const auto exchange = t.ask(client, streamed ? kStream : kChat);
    t.store.fail_always();
    t.pump();
    t.upstream.last().answer(streamed ? Answer::stream({chunk("a"), kFinish + kUsage + kDone})
                                      : Answer::json(200, kAnswer));
    for (int i = 0; i < 29; ++i) {
      t.timer.advance(std::chrono::seconds(1));
      t.pump();
    }
    CHECK_FALSE(client.done());
    t.timer.advance(milliseconds(1'500));
    REQUIRE(client.done());
    CHECK(client.body().find("[DONE]") == std::string::npos);
    CHECK(client.body().find("finish_reason\":\"stop\"},\"usage") == std::string::npos);
    CHECK(client.body().find(R"("code":"unavailable")") != std::string::npos);
    CHECK(client.aborted() == streamed);
    CHECK(client.status() == (streamed ? 200 : 503));
    if (!streamed) CHECK(client.header("x-should-retry") == "false");
    CHECK(std::any_of(t.logs.begin(), t.logs.end(), [](const auto& line) {
      return line == "an answer is not finished: its row was not stored in time";
    }));
    CHECK(t.core->stats().in_flight == 0);

    t.store.fail_never();
    t.timer.advance(std::chrono::seconds(1));
    const auto rows = t.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].state == RowState::settled);
    CHECK(rows[0].cost == Money::parse("0.00002").value());
  }
}

TEST_CASE("a gateway that is to end does not wait for a ledger that cannot be written", "[proxy][durability]") {
  TestGateway t(power_config());
  FakeClient client;
  const auto exchange = t.ask(client, kChat);
  t.upstream.last().answer(Answer::json(200, kAnswer));
  t.core->drain();
  t.timer.advance(milliseconds(10));
  CHECK_FALSE(client.done());  // it can be written, as far as is known
  t.store.fail_always();
  t.pump();
  t.timer.advance(milliseconds(2));
  CHECK(client.done());
  CHECK(client.status() == 503);
}

TEST_CASE("an answer that ended at its time limit still waits for its row a moment", "[proxy][durability]") {
  Config config = power_config();
  config.timeouts.total = config.timeouts.first_byte = std::chrono::seconds(30);
  TestGateway t(config);
  FakeClient client;
  const auto exchange = t.ask(client, kChat);
  t.timer.advance(std::chrono::seconds(30));
  CHECK_FALSE(client.done());
  t.pump();
  t.timer.advance(milliseconds(2));
  CHECK(client.finished());
  CHECK(client.status() == 504);
}
