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

  const std::string body = std::string(1000 - kChat.size(), ' ') + std::string(kChat);
  exchange->on_body(body);
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

TEST_CASE("a stream is relayed as it comes, asks for usage and hides the chunk that carries it", "[proxy][stream]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  CHECK(call.request().body.find("\"stream_options\":{\"include_usage\":true}") != std::string::npos);
  call.head(200, {{"content-type", "text/event-stream"}});
  CHECK_FALSE(client.has_head());
  call.body(": waiting\n\n");
  CHECK_FALSE(client.has_head());
  call.body(chunk("a"));
  CHECK(client.status() == 200);
  CHECK(client.header("content-type") == "text/event-stream; charset=utf-8");
  CHECK(client.body() == chunk("a"));
  call.body(chunk("b") + chunk("c"));
  CHECK(client.pieces().size() == 2);
  call.body(kFinish + kUsage + kDone);
  call.end();
  CHECK(client.body() == chunk("a") + chunk("b") + chunk("c") + kFinish + kDone);
  CHECK(client.finished());
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cost == Money::parse("0.00002").value());
  CHECK(rows[0].streamed);
}

TEST_CASE("whoever asked for usage gets its chunk", "[proxy][stream]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]})");
  t.upstream.call(0).answer(Answer::stream({chunk("a") + kFinish + kUsage + kDone}));
  CHECK(client.body() == chunk("a") + kFinish + kUsage + kDone);
}

TEST_CASE("an error before the first byte falls back to the next target", "[proxy][fallback]") {
  for (const Answer& first :
       {Answer::json(500, "{}"), Answer::json(429, "{}"), Answer::failure(ErrorCode::unreachable),
        Answer::json(401, R"({"error":{"message":"bad key of org-123"}})"), Answer::json(200, "<html>"),
        Answer::json(200, R"({"error":{"message":"x","code":503}})"), Answer::json(200, "")}) {
    TestGateway t;
    FakeClient client;
    t.upstream.answer_next(first);
    t.upstream.answer_next(Answer::json(200, kAnswer));
    auto exchange = t.ask(client, kChat);
    t.upstream.run();
    CHECK(client.status() == 200);
    CHECK(client.header("x-gateway-provider") == "beta");
    CHECK(client.header("x-gateway-attempts") == "2");
    const auto rows = t.rows();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].state == RowState::failed);
    CHECK(rows[0].cost.is_zero());
    CHECK(rows[1].state == RowState::settled);
  }
}

TEST_CASE("a connection lost after the request was sent is not tried again", "[proxy][fallback]") {
  TestGateway t;
  FakeClient client;
  t.upstream.answer_next(Answer::failure(ErrorCode::lost));
  auto exchange = t.ask(client, kChat);
  t.upstream.run();
  CHECK(t.upstream.calls() == 1);
  CHECK(client.status() == 502);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == RowState::failed);
  CHECK(rows[0].cost_source == CostSource::estimated);
}

TEST_CASE("the client's own fault is passed on, not retried", "[proxy][fallback]") {
  TestGateway t;
  FakeClient client;
  t.upstream.answer_next(Answer::json(
      400,
      R"({"error":{"message":"max_tokens is too large","type":"invalid_request_error","param":"max_tokens","code":null}})"));
  auto exchange = t.ask(client, kChat);
  t.upstream.run();
  CHECK(t.upstream.calls() == 1);
  CHECK(client.status() == 400);
  CHECK(client.body().find("max_tokens is too large") != std::string::npos);
}

TEST_CASE("a stream that ends without finish_reason ends in an error frame and no clean end", "[proxy][stream]") {
  for (const bool reset : {false, true}) {
    TestGateway t;
    FakeClient client;
    auto exchange = t.ask(client, kStream);
    FakeCall& call = t.upstream.call(0);
    call.head(200, {{"content-type", "text/event-stream"}});
    call.body(chunk("a"));
    call.end(reset ? Result<void>(Error{ErrorCode::lost, "reset"}) : Result<void>{});
    CHECK(client.aborted());
    CHECK_FALSE(client.finished());
    CHECK(client.body().find("[DONE]") == std::string::npos);
    CHECK(client.body().find("data: {\"error\"") != std::string::npos);
    const auto rows = t.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].cost_source == CostSource::estimated);
    CHECK(rows[0].usage.output >= 1);
  }
}

TEST_CASE("a reset after finish_reason and usage is a success, billed once", "[proxy][stream]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  call.body(chunk("a") + kFinish + kUsage);
  call.end(Error{ErrorCode::lost, "reset"});
  CHECK(client.finished());
  CHECK(client.body() == chunk("a") + kFinish + kDone);
  CHECK(t.rows().at(0).cost_source == CostSource::priced);
}

TEST_CASE("an error event inside a stream becomes one error frame", "[proxy][stream]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  call.body(chunk("a") + "data: {\"error\":{\"message\":\"overloaded\",\"code\":502}}\n\n" + chunk("never"));
  CHECK(client.aborted());
  CHECK(call.cancelled());
  CHECK(client.body().find("never") == std::string::npos);
  const std::string& body = client.body();
  CHECK(body.find("\"error\"") == body.rfind("\"error\""));
}

TEST_CASE("an error as the first event gets its real status and may fall back", "[proxy][stream]") {
  TestGateway t;
  FakeClient client;
  t.upstream.answer_next(Answer::stream({"data: {\"error\":{\"message\":\"overloaded\",\"code\":529}}\n\n"}));
  t.upstream.answer_next(Answer::stream({chunk("a") + kFinish + kUsage + kDone}));
  auto exchange = t.ask(client, kStream);
  t.upstream.run();
  CHECK(client.status() == 200);
  CHECK(client.header("x-gateway-provider") == "beta");
}

TEST_CASE("the client leaving cancels the upstream at once and bills what was used", "[proxy][cancel]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  call.body(chunk("hello world"));
  exchange.reset();
  CHECK(call.cancelled());
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == RowState::settled);
  CHECK((rows[0].flags & row_flag::client_left) != 0);
  CHECK(rows[0].cost_source == CostSource::estimated);
  CHECK_FALSE(rows[0].cost.is_zero());
  CHECK(t.core->stats().in_flight == 0);
}

TEST_CASE("what was never sent costs nothing", "[proxy][cancel]") {
  Config config = test_config();
  config.retry.max_attempts = 1;
  TestGateway t(config);
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  t.upstream.call(0).not_sent();
  SECTION("the client left before") { exchange.reset(); }
  SECTION("time was up before") { t.timer.advance(std::chrono::minutes(20)); }
  CHECK(t.upstream.call(0).cancelled());
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state != RowState::open);
  CHECK(rows[0].cost.is_zero());
  CHECK(rows[0].cost_source == CostSource::none);
  CHECK(rows[0].usage == Usage{});
}

TEST_CASE("silence before the head, between bytes and overall are three limits", "[proxy][time]") {
  Config config = test_config();
  config.retry.max_attempts = 1;
  SECTION("first byte") {
    TestGateway t(config);
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    t.timer.advance(std::chrono::seconds(29));
    CHECK_FALSE(client.has_head());
    t.timer.advance(std::chrono::seconds(2));
    CHECK(client.status() == 504);
    CHECK(t.upstream.call(0).cancelled());
  }
  SECTION("idle") {
    TestGateway t(config);
    FakeClient client;
    auto exchange = t.ask(client, kStream);
    FakeCall& call = t.upstream.call(0);
    call.head(200, {{"content-type", "text/event-stream"}});
    call.body(chunk("a"));
    t.timer.advance(std::chrono::seconds(16));
    CHECK(client.body() == chunk("a") + ": keep-alive\n\n");
    t.timer.advance(std::chrono::seconds(15));
    CHECK(client.aborted());
  }
  SECTION("total") {
    config.timeouts.total = std::chrono::seconds(20);
    TestGateway t(config);
    FakeClient client;
    auto exchange = t.ask(client, kStream);
    FakeCall& call = t.upstream.call(0);
    call.head(200, {{"content-type", "text/event-stream"}});
    for (int i = 0; i < 19; ++i) {
      call.body(chunk("a"));
      t.timer.advance(std::chrono::seconds(1));
    }
    CHECK_FALSE(client.done());
    t.timer.advance(std::chrono::seconds(2));
    CHECK(client.aborted());
  }
}

TEST_CASE("after 15 s of silence the head goes out", "[proxy][time]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  t.upstream.call(0).head(200, {{"content-type", "text/event-stream"}});
  t.timer.advance(std::chrono::seconds(14));
  CHECK_FALSE(client.has_head());
  t.timer.advance(std::chrono::seconds(1));
  CHECK(client.status() == 200);
  CHECK(client.body() == ": keep-alive\n\n");
}

TEST_CASE("a slow client pauses the upstream, and a stuck one loses it", "[proxy][backpressure]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  client.set_flow(Flow::pause);
  CHECK(call.body(chunk("a")) == Flow::pause);
  CHECK(call.resumed() == 0);
  client.set_flow(Flow::more);
  exchange->on_drained();
  CHECK(call.resumed() == 1);
  client.set_flow(Flow::pause);
  call.body(chunk("b"));
  t.timer.advance(std::chrono::seconds(31));
  CHECK(client.aborted());
  CHECK(call.cancelled());
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

TEST_CASE("bodies are logged only where asked, and that is said loudly", "[proxy][log]") {
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

TEST_CASE("spending past a soft threshold is said once", "[proxy][spend]") {
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
