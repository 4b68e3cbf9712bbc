// How an answer comes back: relayed, tried elsewhere, broken off by either side or by time.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

TEST_CASE("a stream is relayed as it comes, requests usage and hides the chunk that carries it", "[proxy][stream]") {
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

TEST_CASE("a client that requested usage gets its chunk", "[proxy][stream]") {
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

TEST_CASE("an error that comes with a stream's first chunk, which says nothing, may fall back", "[proxy][stream]") {
  const std::string role =
      "data: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
  const std::string error = "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n";
  for (const bool at_once : {true, false}) {
    TestGateway t;
    FakeClient client;
    const auto exchange = t.ask(client, kStream);
    FakeCall& call = t.upstream.last();
    call.head(200, {{"content-type", "text/event-stream"}});
    if (at_once) {
      call.body(role + error);
      REQUIRE(t.upstream.calls() == 2);  // nothing had gone out
      CHECK(client.body().empty());
      CHECK(t.rows().at(0).cost.is_zero());
    } else {
      call.body(role);
      CHECK(client.body() == role);  // in the turn in which it came
      call.body(error);
      CHECK(t.upstream.calls() == 1);
      CHECK(client.aborted());
    }
  }
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
  config.timeouts.first_byte = config.timeouts.idle = std::chrono::seconds(30);
  SECTION("first byte") {
    TestGateway t(config);
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    t.timer.advance(std::chrono::seconds(29));
    CHECK_FALSE(client.has_head());
    t.timer.advance(std::chrono::seconds(2));
    CHECK(client.status() == 504);
    CHECK(t.upstream.call(0).cancelled());
    CHECK(t.logs.at(0) == "alpha: no answer within timeouts.first_byte");
  }
  SECTION("idle") {
    TestGateway t(config);
    FakeClient client;
    auto exchange = t.ask(client, kStream);
    FakeCall& call = t.upstream.call(0);
    call.head(200, {{"content-type", "text/event-stream"}});
    call.body(chunk("a"));
    t.timer.advance(std::chrono::seconds(16));
    CHECK(client.body() == chunk("a") + ": keep-alive\n");
    t.timer.advance(std::chrono::seconds(15));
    CHECK(client.aborted());
    CHECK(t.logs.at(0) == "alpha: no more of the answer came within timeouts.idle");
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
    CHECK(t.logs.at(0) == "alpha: no complete answer within timeouts.total");
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
  CHECK(client.body() == ": keep-alive\n");
}

TEST_CASE("a slow client pauses the upstream, and a stuck one loses it", "[proxy][backpressure]") {
  Config config = test_config();
  config.timeouts.idle = std::chrono::seconds(30);
  TestGateway t(config);
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

TEST_CASE("a stream of nothing but its end is an empty answer", "[proxy][relay]") {
  const bool whole = GENERATE(true, false);  // or its last line without its end
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  const std::string end = whole ? kDone : "data: [DONE]";
  t.upstream.call(0).answer(Answer::stream({": hello\n\n", end}));
  REQUIRE(t.upstream.calls() == 2);
  SECTION("the next target is tried") {
    t.upstream.call(1).answer(Answer::stream({chunk("a") + kFinish + kUsage + kDone}));
    CHECK(client.status() == 200);
    CHECK(client.body() == chunk("a") + kFinish + kDone);
  }
  SECTION("and if there is no other it is a 502, billed to nobody") {
    t.upstream.call(1).answer(Answer::stream({end}));
    for (int i = 0; i < 50 && t.upstream.calls() < 3; ++i) t.timer.advance(std::chrono::milliseconds(100));
    REQUIRE(t.upstream.calls() == 3);
    t.upstream.call(2).answer(Answer::stream({end}));
    CHECK(client.status() == 502);
    CHECK(client.body().find("provider_error") != std::string::npos);
  }
  const std::vector<Row> rows = t.rows();
  CHECK(rows.at(0).state == RowState::failed);
  CHECK(rows.at(0).cost.is_zero());
}

TEST_CASE("an empty stream after the head has gone out is broken off", "[proxy][relay]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  t.timer.advance(std::chrono::seconds(16));
  CHECK(client.status() == 200);
  call.body(kDone);
  CHECK(client.body().find("\"error\"") != std::string::npos);
  CHECK(client.body().find("[DONE]") == std::string::npos);
}

TEST_CASE("a refusal longer than the limit is reported by its beginning", "[proxy][relay]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  const std::string long_message = "The prompt is " + std::string(200'000, 'x');
  t.upstream.call(0).answer(
      Answer::json(400, R"({"error":{"code":"context_length_exceeded","message":")" + long_message + R"("}})"));
  CHECK(client.status() == 400);
  CHECK(client.body().find("The prompt is xxx") != std::string::npos);
  CHECK(client.body().find("context_length_exceeded") != std::string::npos);
}

TEST_CASE("comments go on without the blank line that would end an event", "[proxy][relay]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  const char* comment = GENERATE(": PROCESSING\n\n", ": PROCESSING\r\n\r\n");
  t.upstream.last().head(200, {{"content-type", "text/event-stream"}});
  t.upstream.last().body(chunk("a") + comment + chunk("b"));
  t.upstream.last().body(kFinish + kUsage + kDone);
  CHECK(client.finished());
  CHECK(client.body().find(": PROCESSING") != std::string::npos);
  CHECK(client.body().find("PROCESSING\n\n") == std::string::npos);
  CHECK(client.body().find("PROCESSING\r\n\r\n") == std::string::npos);
}

TEST_CASE("keep-alives that a provider writes as data are no events", "[proxy][relay]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  t.upstream.last().head(200, {{"content-type", "text/event-stream"}});
  t.upstream.last().body("data: : keepalive\n\n");
  t.upstream.last().body(chunk("a") + "data: : keepalive\n\n" + kFinish + kUsage + kDone);
  CHECK(client.finished());
  CHECK(client.body() == chunk("a") + kFinish + kDone);
  CHECK(t.rows().at(0).cost_source == CostSource::priced);
}

TEST_CASE("an answer that cannot be used leaves none of its text in the log", "[proxy][relay]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  const std::string answer = GENERATE(std::string(R"({"id":"x","choices":[{"message":{"content":"my secret)"),
                                      chunk("my secret") + kFinish + kDone, std::string(R"({"output":"my secret"})"));
  t.upstream.last().answer(Answer::json(200, answer));
  CHECK_FALSE(t.logs.empty());
  for (const std::string& line : t.logs) CHECK(line.find("my secret") == std::string::npos);
}

TEST_CASE("secrets in configured fields are taken out of what a provider sends", "[proxy][relay]") {
  Config config = test_config();
  for (ProviderConfig& each : config.providers) each.headers = {{"x-auth", "Token s3cr3t-value-1"}};
  TestGateway t(config);
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  const std::string body = GENERATE(
      std::string(R"({"error":{"message":"bad token s3cr3t-value-1","metadata":{"sent":["Token s3cr3t-value-1"]}}})"),
      std::string("<html>Token s3cr3t-value-1</html>"));
  const int status = GENERATE(200, 400);
  t.upstream.last().answer(Answer::json(status, body));
  CHECK(client.body().find("s3cr3t-value-1") == std::string::npos);
  for (const std::string& line : t.logs) CHECK(line.find("s3cr3t-value-1") == std::string::npos);
}
