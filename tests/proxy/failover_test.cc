// What failover never does: go on after a client has received something, or more often than its budget allows.
#include <deque>

#include "gateway/simulate.h"
#include "gateway/testing/policy_fixture.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

// How an answer of the first provider ends after some of its bytes.
enum class Fault { lost, ended, silent, garbage };

struct Cut {
  bool failed_over = false;
  bool something_sent = false;  // to the client, before the fault
};

Cut cut_at(std::string_view request, const HeaderList& head, std::string_view answer, std::size_t byte, Fault fault) {
  Config config = test_config();
  config.retry.on_lost = true;
  config.timeouts.first_byte = config.timeouts.idle = 2s;
  TestGateway t(config);
  FakeClient client;
  const auto exchange = t.ask(client, request);
  FakeCall& call = t.upstream.call(0);
  t.upstream.answer_all(Answer::json(500, "{}"));  // by whoever else is asked
  call.head(200, head);
  if (byte > 0) call.body(answer.substr(0, byte));
  const Cut before{.failed_over = false, .something_sent = client.status() != 0};
  if (call.alive()) {
    if (fault == Fault::lost) call.end(Error{ErrorCode::lost, "as the test says"});
    if (fault == Fault::ended) call.end();
    if (fault == Fault::garbage) call.body("\n\n}{\x01 data: {\"error\"\n\ndata: [\n\n"), call.end();
  }
  for (int i = 0; i < 40; ++i) t.upstream.run(), t.timer.advance(250ms);
  return {.failed_over = t.upstream.calls() > 1, .something_sent = before.something_sent};
}

}  // namespace

TEST_CASE("after the first byte no other target is asked, whatever happens and at whichever byte",
          "[proxy][failover][random]") {
  const std::string stream = chunk("hi") + chunk("there") + kFinish + kUsage + kDone;
  const HeaderList events{{"content-type", "text/event-stream"}};
  const HeaderList document{{"content-type", "application/json"}};
  for (const bool streamed : {true, false}) {
    const std::string answer = streamed ? stream : std::string(kAnswer);
    int moved = 0, stayed = 0;
    for (std::size_t byte = 0; byte <= answer.size(); ++byte) {
      for (const Fault fault : {Fault::lost, Fault::ended, Fault::silent, Fault::garbage}) {
        INFO((streamed ? "streamed" : "gathered") << ", byte " << byte << ", fault " << static_cast<int>(fault));
        const Cut cut = cut_at(streamed ? kStream : kChat, streamed ? events : document, answer, byte, fault);
        CHECK_FALSE((cut.failed_over && cut.something_sent));
        moved += cut.failed_over ? 1 : 0;
        stayed += cut.something_sent ? 1 : 0;
      }
    }
    CHECK(moved > 0);  // or nothing would have been shown
    CAPTURE(stayed);
    CHECK((stayed > 100) == streamed);
  }
}

TEST_CASE("after the first byte there is no hedge either, and of two answers one alone reaches the client",
          "[proxy][failover][hedge][random]") {
  const std::string mine = chunk("mine") + kFinish + kUsage + kDone;
  const std::string other = chunk("other") + kFinish + kUsage + kDone;
  const HeaderList events{{"content-type", "text/event-stream"}};
  int hedged = 0, both_spoke = 0;
  for (std::size_t byte = 0; byte <= mine.size(); byte += 3) {
    for (std::size_t later = 0; later <= other.size(); later += 23) {
      INFO("byte " << byte << " of the first, " << later << " of the second");
      Config config = test_config();
      config.routes[0].hedge.emplace().after = 500ms;
      TestGateway t(config);
      FakeClient client;
      const auto exchange = t.ask(client, kStream);
      FakeCall& first = t.upstream.call(0);
      first.head(200, events);
      if (byte > 0) first.body(std::string_view(mine).substr(0, byte));
      const bool sent = client.status() != 0;
      t.timer.advance(600ms);
      CHECK((t.upstream.calls() == 2) == !sent);
      if (t.upstream.calls() < 2) continue;
      ++hedged;
      FakeCall& second = t.upstream.call(1);
      second.head(200, events);
      if (later > 0) second.body(std::string_view(other).substr(0, later));
      const bool second_won = client.status() != 0;
      CHECK(first.alive() == !second_won);
      if (first.alive()) first.body(std::string_view(mine).substr(byte));
      if (second.alive()) second.body(std::string_view(other).substr(later));
      CHECK(client.finished());
      CHECK(client.body() == chunk(second_won ? "other" : "mine") + kFinish + kDone);
      CHECK(t.upstream.calls() == 2);
      both_spoke += later > 0 && byte > 0 ? 1 : 0;
      const std::vector<Row> rows = t.rows();
      CHECK(rows.size() == 2);
      CHECK((rows[second_won ? 0 : 1].error_code.view() == "hedge_lost"));
    }
  }
  CHECK(hedged > 100);
  CHECK(both_spoke > 100);
}

TEST_CASE("ten thousand requests a second to targets that all fail stay within the retry budget",
          "[proxy][failover][retry]") {
  const auto [status, body] = GENERATE(table<int, const char*>({
      {500, "{}"},
      {429, "{}"},
      // About the one request: no breaker opens, so that each would try every target.
      {403, R"({"error":{"message":"This request requires more credits, or fewer max_tokens."}})"},
  }));
  INFO(status);
  Config config = test_config();
  config.retry.max_attempts = 4;
  for (int i = 0; i < 2; ++i) {
    TargetConfig more = config.routes[0].targets[static_cast<std::size_t>(i)];
    more.model += "-2";
    config.routes[0].targets.push_back(more);
  }
  TestGateway t(config);
  t.upstream.answer_all(Answer::json(status, body));
  std::deque<FakeClient> clients;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  constexpr int kSteps = 100;
  for (int step = 1; step <= kSteps; ++step) {
    for (int i = 0; i < 100; ++i) exchanges.push_back(t.ask(clients.emplace_back(), kChat));
    t.upstream.run();
    t.pump();
    t.timer.advance(10ms);
    CHECK(t.upstream.calls() <= clients.size() + clients.size() / 4 + 20);
  }
  for (int i = 0; i < 100; ++i) t.upstream.run(), t.pump(), t.timer.advance(100ms);
  int first = 0, extra = 0;
  for (const FakeClient& client : clients) {
    REQUIRE(client.status() >= 400);
    const std::string attempts(client.header("x-gateway-attempts"));
    first += attempts.empty() ? 0 : 1;
    extra += attempts.empty() ? 0 : std::stoi(attempts) - 1;
  }
  CHECK(first > 0);
  CHECK(extra > 0);
  CHECK(static_cast<std::size_t>(first + extra) == t.upstream.calls());
  CHECK(extra <= first / 4 + 10 * 12);  // a fifth of all is a quarter of the first ones
  if (status == 403) {
    CHECK(first == kSteps * 100);
    CHECK(extra > first / 6);
  }
}

TEST_CASE("targets that work again serve after one half-open interval, and are left alone until then",
          "[proxy][failover][health]") {
  sim::Scenario played;
  played.config.routes = {route("fast", {"first", "second"}, per_million("1", "2"))};
  played.length = 60s;
  played.traffic = {{.name = "chat", .model = "fast", .every = 10ms}};
  for (const char* name : {"first", "second"}) {
    sim::ProviderScript script{.provider = name};
    script.usual.latency.low = 50ms;
    script.phases = {{.from = 0s, .until = 20s, .behaviour = {.errors = {{.status = 500}}}}};
    played.providers.push_back(script);
  }
  // Open for 10 s from the first failures, for 20 s after the probe that fails: until 31 s at the latest.
  const auto all = sim::Between{sim::kAll, sim::kAll};
  played.expectations = {
      {"served again", {.status = StatusRange{200, 200}, .from = 31s}, sim::Measure::share, all},
      {"probes alone", {.from = 2s, .until = 20s}, sim::Measure::attempts, sim::Between{1, 8}},
  };
  const sim::Outcome outcome = sim::simulate(played).value();
  for (const sim::Judgement& each : outcome.judgements) {
    INFO(each.expected.name << ": " << each.found);
    CHECK(each.holds);
  }
}
