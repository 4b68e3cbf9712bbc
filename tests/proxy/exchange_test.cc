// What a request is let through with, and what it is refused for.
#include "chat/endpoint.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

TEST_CASE("a chat request goes out with the target's name and comes back with its cost", "[proxy]") {
  TestGateway t;
  FakeClient client;
  t.upstream.answer_next(Answer::json(200, kAnswer));
  auto exchange = t.ask(client, kChat);
  REQUIRE(t.upstream.calls() == 1);
  const SentRequest& sent = t.upstream.call(0).request();
  CHECK(sent.path == "/v1/chat/completions");
  CHECK(sent.headers.value("authorization") == "Bearer sk-alpha");
  CHECK(sent.body == R"({"model":"m-a","messages":[{"role":"user","content":"hello"}]})");
  t.upstream.run();
  CHECK(client.status() == 200);
  CHECK(client.body() == kAnswer);
  CHECK(client.finished());
  CHECK(client.header("x-gateway-provider") == "alpha");
  CHECK(client.header("x-gateway-cost") == "0.00002");
  CHECK(client.header("x-gateway-attempts") == "1");
  CHECK(client.header("x-request-id").substr(0, 4) == "req_");
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == RowState::settled);
  CHECK(rows[0].cost == Money::parse("0.00002").value());
  CHECK(rows[0].cost_source == CostSource::priced);
  CHECK(rows[0].usage.input == 10);
  CHECK(rows[0].usage.output == 5);
  CHECK(rows[0].served_model.view() == "m-a-0613");
  CHECK(rows[0].generation_id.view() == "gen-1");
  CHECK(rows[0].finish_reason.view() == "stop");
  CHECK(t.core->stats().in_flight == 0);
}

TEST_CASE("a key is found beside another service's token", "[proxy]") {
  TestGateway t;
  const std::string bearer = "Bearer " + std::string(kTestKey), others = "Bearer sk-ant-oat01-0123456789";
  const auto status = [&](std::vector<HeaderField> fields) {
    FakeClient client;
    auto exchange = t.gateway->open(
        {.method = "GET", .path = "/v1/key", .query = {}, .headers = fields, .content_length = 0, .has_body = false},
        client);
    return client.status();
  };
  CHECK(status({{"authorization", bearer}, {"x-api-key", "sk-ant-api03-0123456789"}}) == 200);
  CHECK(status({{"authorization", others}, {"x-api-key", kTestKey}}) == 200);
  CHECK(status({{"authorization", others}, {"x-api-key", ""}, {"api-key", kTestKey}}) == 200);
  CHECK(status({{"authorization", others}}) == 401);
  CHECK(status({{"authorization", others}, {"x-api-key", "sk-ant-api03-0123456789"}}) == 401);
}

TEST_CASE("who begins with a WebSocket is referred to HTTP", "[proxy]") {
  TestGateway t;
  const HeaderField fields[] = {{"connection", "Upgrade"}, {"upgrade", "WebSocket"}};
  FakeClient client;
  auto exchange = t.gateway->open({.method = "GET",
                                   .path = "/v1/responses",
                                   .query = {},
                                   .headers = fields,
                                   .content_length = 0,
                                   .has_body = false},
                                  client);
  CHECK(client.status() == 426);
  CHECK(client.header("upgrade") == "HTTP/1.1");
  CHECK(client.header("allow") == "POST");
  CHECK(client.body().find("\"method_not_allowed\"") != std::string::npos);
}

TEST_CASE("bodies take part in a room of their own until their exchange ends", "[proxy][limits]") {
  Config config = test_config();
  config.server.max_body = 1000;
  config.server.max_buffered = 1500;
  TestGateway t(config);
  const auto announced = [&](Client& client, std::uint64_t length) {
    const std::string bearer = "Bearer " + std::string(kTestKey);
    const HeaderField fields[] = {{"authorization", bearer}};
    return t.gateway->open({.method = "POST",
                            .path = "/v1/chat/completions",
                            .query = {},
                            .headers = fields,
                            .content_length = length,
                            .has_body = true},
                           client);
  };
  FakeClient first, refused, growing, after;
  auto exchange = announced(first, 1000);
  CHECK(exchange->wants_body());
  CHECK(t.core->stats().buffered_bytes == 0);  // it has only been announced
  const std::string body = std::string(1000 - kChat.size(), ' ') + std::string(kChat);
  exchange->on_body(body);
  CHECK(t.core->stats().buffered_bytes == 1000);
  CHECK_FALSE(announced(refused, 501)->wants_body());
  CHECK(refused.status() == 503);
  CHECK(refused.body().find("\"overloaded\"") != std::string::npos);
  CHECK(refused.header("retry-after") == "1");

  auto chunked = t.open(growing, "POST", "/v1/chat/completions");  // how much it will be nobody knows
  chunked->on_body(std::string(500, ' '));
  CHECK(chunked->wants_body());
  CHECK(t.core->stats().buffered_bytes == 1500);
  chunked->on_body(" ");
  CHECK_FALSE(chunked->wants_body());
  CHECK(growing.status() == 503);
  chunked.reset();

  exchange->on_end();
  REQUIRE(t.upstream.calls() == 1);
  t.upstream.call(0).answer(Answer::json(200, kAnswer));
  CHECK(first.status() == 200);
  exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
  CHECK(announced(after, 1000)->wants_body());
  CHECK(t.core->stats().in_flight == 0);
}

TEST_CASE("unknown fields and big integers reach the provider byte for byte", "[proxy]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(
      client, "{ \"seed\" : 123456789012345678901234567890 ,\"x\":{\"y\":[1e400]}, \"model\":\"m\",\"messages\":[]}");
  REQUIRE(t.upstream.calls() == 1);
  CHECK(t.upstream.call(0).request().body ==
        "{ \"seed\" : 123456789012345678901234567890 ,\"x\":{\"y\":[1e400]}, \"model\":\"m-a\",\"messages\":[]}");
}

TEST_CASE("a spend cap refuses what does not fit, before anything is dispatched", "[proxy][spend]") {
  Config config = test_config();
  SpendCap cap;
  cap.cap = Money::parse("0.0005").value();
  config.projects[0].spend.caps.push_back(cap);
  TestGateway t(config);
  // Input bound of kChat plus 100 tokens of output at 2e-6: a bit over 0.0002 each.
  std::vector<std::unique_ptr<FakeClient>> clients;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  int refused = 0;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<FakeClient>());
    exchanges.push_back(t.ask(*clients.back(), kChat));
    for (int k = 0; k < 200 && !clients.back()->has_head() &&
                    t.upstream.calls() + static_cast<std::size_t>(refused) <= static_cast<std::size_t>(i);
         ++k) {
      t.timer.advance(std::chrono::milliseconds(5));
      t.pump();
    }
    if (clients.back()->status() == 429) ++refused;
  }
  CHECK(t.upstream.calls() >= 1);
  CHECK(t.upstream.calls() + static_cast<std::size_t>(refused) == 5);
  CHECK(refused >= 3);
  CHECK(clients.back()->body().find("rate_limit_exceeded") != std::string::npos);
  CHECK(clients.back()->header("retry-after") == "1");
}

TEST_CASE("one key's refusals: unknown, unauthenticated, not allowed, too much", "[proxy][refusal]") {
  Config config = test_config();
  config.insforge = false;
  config.projects[0].models = {"other"};
  config.projects[0].limits.requests_per_minute = 1;
  TestGateway t(config);
  {
    FakeClient client;
    auto exchange = t.open(client, "POST", "/v1/chat/completions", "gk-wrong");
    CHECK(client.status() == 401);
    CHECK_FALSE(exchange->wants_body());
  }
  {
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    CHECK(client.status() == 403);
    CHECK(client.body().find("model_not_allowed") != std::string::npos);
  }
  {
    FakeClient client;
    auto exchange = t.ask(client, R"({"model":"nothing","messages":[]})");
    CHECK(client.status() == 404);
  }
  {
    FakeClient client;
    auto exchange = t.open(client, "GET", "/v1/chat/completions");
    CHECK(client.status() == 405);
    CHECK(client.header("allow") == "POST");
  }
  {
    FakeClient client;
    auto exchange = t.open(client, "GET", "/v2/nothing");
    CHECK(client.status() == 404);
    CHECK(client.body().find("unknown_url") != std::string::npos);
    CHECK(client.body().find("POST /v1/messages/count_tokens, GET /v1/models") != std::string::npos);
    CHECK(client.body().find("/api/ai") == std::string::npos);
  }
  {
    FakeClient client;
    auto exchange = t.open(client, "GET", "/");
    for (const EndpointInfo& each : endpoints())
      CHECK(client.body().find("\"POST " + std::string(each.full_path) + '"') != std::string::npos);
    for (const OtherPath& each : other_paths()) {
      const bool is_served = each.surface != SurfaceKind::insforge;
      CHECK((client.body().find(std::string(each.path) + '"') != std::string::npos) == is_served);
    }
  }
  t.timer.advance(std::chrono::seconds(2));
  t.pump();
  CHECK(t.store.all_refusals().size() == 2);
  CHECK(t.upstream.calls() == 0);
}

TEST_CASE("what cannot be written to the ledger is not begun, and recovers", "[proxy][ledger]") {
  TestGateway t;
  FakeClient first;
  t.upstream.answer_next(Answer::json(200, kAnswer));
  auto one = t.ask(first, kChat);
  t.store.fail_always();
  t.pump();
  FakeClient second;
  auto two = t.ask(second, kChat);
  CHECK(second.status() == 503);
  t.upstream.run();
  CHECK(first.status() == 200);
  t.store.fail_never();
  t.timer.advance(std::chrono::seconds(1));
  CHECK(t.rows().size() == 1);
  FakeClient third;
  t.upstream.answer_next(Answer::json(200, kAnswer));
  auto three = t.ask(third, kChat);
  t.upstream.run();
  CHECK(third.status() == 200);
}

TEST_CASE("bodies are logged only if configured, and a warning says so", "[proxy][log]") {
  for (const bool asked : {false, true}) {
    Config config = test_config();
    config.log_bodies = asked;
    TestGateway t(config);
    FakeClient client;
    t.upstream.answer_next(Answer::json(200, kAnswer));
    auto exchange = t.ask(client, kChat);
    t.upstream.run();
    std::string all;
    for (const std::string& line : t.logs) all += line + "\n";
    CHECK((all.find("hello") != std::string::npos) == asked);
    CHECK((all.find("PROMPTS AND ANSWERS") != std::string::npos) == asked);
    CHECK(all.find("sk-alpha") == std::string::npos);
  }
}

TEST_CASE("with durability power an answer waits for its row to be stored", "[proxy][ledger]") {
  Config config = test_config();
  config.durability = Durability::power;
  for (const bool streamed : {false, true}) {
    TestGateway t(config);
    FakeClient client;
    t.upstream.answer_next(streamed ? Answer::stream({chunk("a") + kFinish + kUsage + kDone})
                                    : Answer::json(200, kAnswer));
    auto exchange = t.ask(client, streamed ? kStream : kChat);
    t.upstream.run();
    CHECK_FALSE(client.done());
    CHECK(client.body().find("[DONE]") == std::string::npos);
    t.timer.advance(std::chrono::milliseconds(20));
    CHECK_FALSE(client.done());
    t.pump();
    t.timer.advance(std::chrono::milliseconds(2));
    CHECK(client.finished());
    CHECK(t.store.all_rows().size() == 1);
  }
}

TEST_CASE("rate limits refuse with the time until they free, and refused requests consume nothing", "[proxy][limits]") {
  Config config = test_config();
  config.projects[0].limits.requests_per_minute = 2;
  config.projects[0].limits.concurrent = 5;
  TestGateway t(config);
  t.upstream.answer_all(Answer::json(200, kAnswer));
  for (int i = 0; i < 2; ++i) {
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    t.upstream.run();
    CHECK(client.status() == 200);
    CHECK(client.header("x-ratelimit-limit-requests") == "2");
  }
  for (int i = 0; i < 3; ++i) {
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    CHECK(client.status() == 429);
    CHECK(client.header("retry-after") == "30");
    CHECK(client.body().find("rate_limit_exceeded") != std::string::npos);
  }
  t.timer.advance(std::chrono::seconds(30));
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  t.upstream.run();
  CHECK(client.status() == 200);
}

TEST_CASE("spending past a soft threshold is reported once", "[proxy][spend]") {
  Config config = test_config();
  SpendCap cap;
  cap.cap = Money::parse("0.001").value();
  cap.warn_percent = {1, 50};
  config.projects[0].spend.caps.push_back(cap);
  TestGateway t(config);
  t.upstream.answer_all(Answer::json(200, kAnswer));
  for (int i = 0; i < 5; ++i) {
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    for (int k = 0; k < 100 && !client.done(); ++k) {
      t.upstream.run();
      t.pump();
      t.timer.advance(std::chrono::milliseconds(5));
    }
    CHECK(client.status() == 200);
    t.timer.advance(std::chrono::seconds(1));
    t.pump();
  }
  std::size_t warnings = 0;
  for (const std::string& line : t.logs) warnings += line.find(" % of its cap") != std::string::npos ? 1 : 0;
  CHECK(warnings == 1);
}
