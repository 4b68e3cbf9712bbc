// Which target is asked next, when, and what is said when none is.
#include <algorithm>

#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

Config targets(std::size_t count) {
  Config config = test_config();
  config.routes[0].targets.resize(count);
  return config;
}

Answer refusal(int status, std::string_view retry_after, std::string_view body = "{}") {
  Answer answer = Answer::json(status, std::string(body));
  if (!retry_after.empty()) answer.headers.push_back({"retry-after", std::string(retry_after)});
  return answer;
}

void pass(TestGateway& t, Duration time) {
  for (Duration done{0}; done < time; done += 100ms) {
    t.upstream.run();
    t.timer.advance(100ms);
  }
  t.upstream.run();
}

}  // namespace

TEST_CASE("a route of one target waits for its cooling and tries again", "[proxy][retry]") {
  for (const int status : {429, 503, 529}) {
    for (const char* wait : {"", "3"}) {
      INFO(status << " " << wait);
      TestGateway t(targets(1));
      FakeClient client;
      t.upstream.answer_next(refusal(status, wait));
      t.upstream.answer_next(Answer::json(200, kAnswer));
      auto exchange = t.ask(client, kChat);
      pass(t, *wait == 0 ? 1500ms : 2500ms);
      CHECK(t.upstream.calls() == 1);
      pass(t, 2s);
      CHECK(t.upstream.calls() == 2);
      CHECK(client.status() == 200);
    }
  }
}

TEST_CASE("no longer than max_wait: then the client hears of the limit at once", "[proxy][retry]") {
  TestGateway t(targets(1));
  FakeClient client;
  t.upstream.answer_next(refusal(429, "40"));
  auto exchange = t.ask(client, kChat);
  t.upstream.run();
  CHECK(client.status() == 429);
  CHECK(client.header("retry-after") == "40");
  CHECK(client.body().find("provider_rate_limited") != std::string::npos);
}

TEST_CASE("the last target's wait does not hold up a first one that may be tried", "[proxy][retry]") {
  TestGateway t(targets(2));
  FakeClient client;
  t.upstream.answer_next(refusal(500, ""));
  t.upstream.answer_next(refusal(429, "60"));
  t.upstream.answer_next(Answer::json(200, kAnswer));
  auto exchange = t.ask(client, kChat);
  pass(t, 300ms);
  CHECK(client.status() == 200);
  CHECK(client.header("x-gateway-provider") == "alpha");
}

TEST_CASE("overload and refused credentials leave the target alone for a while", "[proxy][retry][health]") {
  for (const int status : {401, 402, 403, 429, 503, 529}) {
    INFO(status);
    TestGateway t(targets(2));
    FakeClient first, second;
    t.upstream.answer_next(refusal(status, "20", R"({"error":{"message":"the key limit is reached"}})"));
    t.upstream.answer_next(Answer::json(200, kAnswer));
    t.upstream.answer_next(Answer::json(200, kAnswer));
    auto one = t.ask(first, kChat);
    t.upstream.run();
    CHECK(first.header("x-gateway-attempts") == "2");
    auto two = t.ask(second, kChat);
    t.upstream.run();
    CHECK(second.header("x-gateway-provider") == "beta");
    CHECK(second.header("x-gateway-attempts") == "1");
  }
}

TEST_CASE("a 402 or 403 about one request goes to the next target, and cools nothing", "[proxy][retry][health]") {
  for (const int status : {402, 403}) {
    for (const char* why : {"This request requires more credits, or fewer max_tokens.", "may not use this parameter"}) {
      INFO(status << why);
      TestGateway t(targets(2));
      FakeClient first, second;
      t.upstream.answer_next(refusal(status, "20", R"({"error":{"message":")" + std::string(why) + R"("}})"));
      t.upstream.answer_next(Answer::json(200, kAnswer));
      t.upstream.answer_next(Answer::json(200, kAnswer));
      auto one = t.ask(first, kChat);
      t.upstream.run();
      CHECK(first.status() == 200);
      CHECK(first.header("x-gateway-provider") == "beta");
      auto two = t.ask(second, kChat);
      t.upstream.run();
      CHECK(second.header("x-gateway-provider") == "alpha");
      CHECK(second.header("x-gateway-attempts") == "1");
    }
  }
}

TEST_CASE("refused credentials are neither success nor failure to a breaker", "[proxy][retry][health]") {
  // As a success it would end the row of failures; as a failure it would be the fifth of them.
  for (const int failures_after : {0, 1}) {
    CAPTURE(failures_after);
    TestGateway t(targets(1));
    const auto ask = [&](int status) {
      FakeClient client;
      t.upstream.answer_next(Answer::json(status, "{}"));
      auto exchange = t.ask(client, kChat);
      t.upstream.run();
    };
    for (int i = 0; i < 4; ++i) ask(500);
    ask(401);
    t.timer.advance(31s);  // its cooling
    for (int i = 0; i < failures_after; ++i) ask(500);
    const std::size_t before = t.upstream.calls();
    CHECK(before == static_cast<std::size_t>(5 + failures_after));
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    CHECK(t.upstream.calls() == before + (failures_after == 0 ? 1 : 0));
  }
}

TEST_CASE("a breaker that is open reports it, and for how long", "[proxy][retry][health]") {
  TestGateway t(targets(1));
  t.upstream.answer_all(Answer::json(500, "{}"));
  for (int i = 0; i < 5; ++i) {
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    t.upstream.run();
  }
  CHECK(std::count(t.logs.begin(), t.logs.end(),
                   "alpha: m-a failed several times in a row and is left alone for 10 s") == 1);
  const std::size_t calls = t.upstream.calls();
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  CHECK(t.upstream.calls() == calls);
  CHECK(client.status() == 502);
  CHECK(client.body().find("several times in a row") != std::string::npos);
  CHECK_FALSE(client.header("retry-after").empty());
}

TEST_CASE("a 429 about one request's own size is final, and cools nothing", "[proxy][retry]") {
  TestGateway t(targets(2));
  FakeClient client;
  t.upstream.answer_next(Answer::json(429,
                                      R"({"error":{"message":"Request too large for m-a: Limit 100, Requested 200.",)"
                                      R"("type":"tokens","code":"rate_limit_exceeded"}})"));
  auto exchange = t.ask(client, kChat);
  t.upstream.run();
  CHECK(client.status() == 429);
  CHECK(client.header("x-should-retry") == "false");
  CHECK(client.body().find("Requested 200") != std::string::npos);
  CHECK(t.upstream.calls() == 1);
  FakeClient small;
  t.upstream.answer_next(Answer::json(200, kAnswer));
  auto next = t.ask(small, kChat);
  t.upstream.run();
  CHECK(small.header("x-gateway-provider") == "alpha");
}

TEST_CASE("of several refusals the most hopeful one is reported, and an attempt's own error before any",
          "[proxy][retry]") {
  for (const bool cooling_first : {true, false}) {
    Config config = targets(2);
    auto& unpriced = config.routes[0].targets[cooling_first ? 1 : 0];
    unpriced.prices.reset();
    SpendCap cap;
    cap.cap = Money::dollars(1);
    config.projects[0].spend.caps.push_back(cap);
    TestGateway t(config);
    t.pump();
    FakeClient first;
    t.upstream.answer_next(refusal(429, "30"));
    auto one = t.ask(first, kChat);
    pass(t, 1s);
    CHECK(first.status() == 429);  // the attempt's own, not unpriced_model
    FakeClient second;
    auto two = t.ask(second, kChat);
    pass(t, 1s);
    CHECK(second.status() == 429);
    CHECK(second.body().find("provider_rate_limited") != std::string::npos);
  }
}

TEST_CASE("our refusals that a retry cannot cure report it", "[proxy][retry]") {
  TestGateway t;
  const auto refused = [&](std::string_view body, std::string_view path, std::string_view key) {
    FakeClient client;
    auto exchange = t.open(client, "POST", path, key);
    if (exchange->wants_body()) exchange->on_body(body);
    if (exchange->wants_body()) exchange->on_end();
    CHECK(client.status() >= 400);
    return std::string(client.header("x-should-retry"));
  };
  CHECK(refused("{", "/v1/chat/completions", kTestKey) == "false");
  CHECK(refused(kChat, "/v1/chat/completions", "gk-wrong") == "false");
  CHECK(refused(kChat, "/v1/nothing", kTestKey) == "false");
  CHECK(refused(R"({"model":"none","messages":[]})", "/v1/chat/completions", kTestKey) == "false");
}
