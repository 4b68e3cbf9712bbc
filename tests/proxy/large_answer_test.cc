// Answers in one piece that are too large to be gathered.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

Config one_target() {
  Config config = test_config();
  config.routes[0].targets.pop_back();
  return config;
}

std::string large_chat(std::size_t size) {
  return R"({"id":"gen-9","model":"m-a-0613","choices":[{"index":0,"message":{"role":"assistant","content":")" +
         std::string(size, 'x') +
         R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";
}

// In pieces as a connection brings them.
void send(FakeCall& call, std::string_view text) {
  constexpr std::size_t kPiece = 64 * 1024;
  for (std::size_t at = 0; at < text.size(); at += kPiece) call.body(std::string(text.substr(at, kPiece)));
}

}  // namespace

TEST_CASE("a large answer goes out as it comes, and is metered by its end", "[proxy][large]") {
  TestGateway t(one_target());
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "application/json"}});
  const std::string answer = large_chat(100 << 20);
  send(call, std::string_view(answer).substr(0, 1 << 20));
  CHECK_FALSE(client.has_head());
  send(call, std::string_view(answer).substr(1 << 20, 1 << 20));
  CHECK(client.status() == 200);
  CHECK(client.header("content-type") == "application/json");
  CHECK(client.body().size() == 2 << 20);
  CHECK(t.core->stats().buffered_bytes < (2 << 20));
  send(call, std::string_view(answer).substr(2 << 20));
  call.end();
  CHECK(client.finished());
  CHECK(client.body() == answer);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == RowState::settled);
  CHECK(rows[0].cost_source == CostSource::priced);
  CHECK(rows[0].usage.output == 5);
  CHECK(rows[0].finish_reason.view() == "stop");
  CHECK(rows[0].generation_id.view() == "gen-9");
}

TEST_CASE("a large answer that breaks is cut off, never finished, and costs what was relayed", "[proxy][large]") {
  for (const bool clean : {false, true}) {
    TestGateway t(one_target());
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    FakeCall& call = t.upstream.call(0);
    call.head(200, {{"content-type", "application/json"}});
    const std::string answer = large_chat(4 << 20);
    send(call, std::string_view(answer).substr(0, 3 << 20));
    clean ? call.end() : call.end(Error{ErrorCode::lost, "reset"});
    CHECK(client.aborted());
    CHECK_FALSE(client.finished());
    CHECK(answer.starts_with(client.body()));  // no frame of ours within a document
    const auto rows = t.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].cost_source == CostSource::estimated);
    CHECK(rows[0].cost > Money{});
    CHECK(t.upstream.calls() == 1);
  }
}

TEST_CASE("a slow reader pauses a large answer", "[proxy][large][backpressure]") {
  TestGateway t(one_target());
  FakeClient client;
  client.pause_from(1 << 20);
  auto exchange = t.ask(client, kChat);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "application/json"}});
  const std::string answer = large_chat(2 << 20);
  send(call, std::string_view(answer).substr(0, 1 << 20));
  CHECK(call.body(answer.substr(1 << 20, 1000)) == Flow::pause);
}

TEST_CASE("what is large and no answer is gathered up to max_answer, and refused for good past it", "[proxy][large]") {
  Config config = test_config();
  config.server.max_answer = 2 << 20;
  TestGateway t(config);
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "application/json"}});
  send(call, R"({"error":{"message":")" + std::string(3 << 20, 'x'));
  CHECK(client.status() == 502);
  CHECK(t.upstream.calls() == 1);
  exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
}

TEST_CASE("an event is as large as configured", "[proxy][large]") {
  Config config = one_target();
  config.server.max_event = 128 * 1024;
  TestGateway t(config);
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  send(call, chunk(std::string(100 * 1024, 'x')));
  CHECK(client.status() == 200);
  send(call, chunk(std::string(200 * 1024, 'x')));
  CHECK(client.aborted());
}

namespace {

// A large answer under way; the row once it has ended.
struct Underway {
  explicit Underway(std::string answer, Config config = one_target()) : t(config), text(std::move(answer)) {
    exchange = t.ask(client, kChat);
    call().head(200, {{"content-type", "application/json"}});
  }
  FakeCall& call() { return t.upstream.call(0); }
  Row row() {
    const auto rows = t.rows();
    REQUIRE(rows.size() == 1);
    return rows[0];
  }

  TestGateway t;
  FakeClient client;
  std::unique_ptr<Exchange> exchange;
  std::string text;
};

const std::string kUsageFirst = R"({"id":"gen-9","usage":{"prompt_tokens":70,"completion_tokens":7000},)"
                                R"("choices":[{"index":0,"message":{"content":")";

}  // namespace

TEST_CASE("an answer in one piece that its client leaves costs its hold, large or small", "[proxy][large][money]") {
  for (const std::size_t size : {std::size_t{1000}, std::size_t{8} << 20}) {
    CAPTURE(size);
    Underway u(large_chat(9 << 20));
    send(u.call(), std::string_view(u.text).substr(0, size));
    u.exchange.reset();
    CHECK(u.row().cost_source == CostSource::held);
    CHECK(u.row().cost == u.row().hold);
  }
}

TEST_CASE("usage that was read before an answer was left or broke off is what it costs", "[proxy][large][money]") {
  for (const std::size_t size : {std::size_t{1000}, std::size_t{3} << 20}) {
    for (const int way : {0, 1, 2, 3}) {
      CAPTURE(size, way);
      Underway u(kUsageFirst + std::string(size, 'x'));
      send(u.call(), u.text);
      if (way == 0) u.exchange.reset();
      if (way == 1) u.call().end(Error{ErrorCode::lost, "reset"});
      if (way == 2) u.t.timer.advance(std::chrono::hours(2));
      if (way == 3) u.call().end();  // a proxy in between ends it cleanly
      CHECK(u.row().cost_source == CostSource::priced);
      CHECK(u.row().usage.output == 7000);
      CHECK(u.row().generation_id.view() == "gen-9");
      CHECK(u.t.upstream.calls() == 1);
    }
  }
}

TEST_CASE("a document that is complete is a success although its connection broke", "[proxy][large]") {
  for (const std::size_t size : {std::size_t{10}, std::size_t{2} << 20}) {
    CAPTURE(size);
    Underway u(large_chat(size));
    send(u.call(), u.text);
    u.call().end(Error{ErrorCode::lost, "reset"});
    CHECK(u.client.finished());
    CHECK(u.client.body() == u.text);
    CHECK(u.row().usage.output == 5);
  }
}

TEST_CASE("a body that cannot be read is requested again only if nothing in it was an answer",
          "[proxy][large][money]") {
  const std::string billed =
      R"({"choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":10,"completion_tokens":50}, )";
  struct Case {
    std::string body;
    int calls;
    std::int64_t output;
  };
  for (const Case& each :
       {Case{billed, 1, 50}, Case{billed + "\"x\":NaN}", 1, 50}, Case{billed + "\"x\":\"\xff\"}", 1, 50},
        Case{R"({"choices":[{"message":{"content":"hello wor)", 1, 3},
        Case{"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":9}}\n\n", 1, 9},
        Case{"<html>bad gateway</html>", 2, 0}, Case{"", 2, 0}, Case{"{\"a\":", 2, 0}}) {
    for (const std::string_view request : {kChat, kStream}) {
      if (request == kStream && each.body.substr(0, 5) == "data:") continue;  // that is what it asked for
      CAPTURE(each.body, request);
      TestGateway t;
      FakeClient client;
      auto exchange = t.ask(client, request);
      t.upstream.call(0).head(200, {{"content-type", "application/json"}});
      t.upstream.call(0).body(each.body);
      t.upstream.call(0).end();
      t.timer.advance(std::chrono::seconds(1));
      CHECK(static_cast<int>(t.upstream.calls()) == each.calls);
      CHECK(t.rows()[0].usage.output == each.output);
      if (each.calls == 1) CHECK(client.status() == 502);
      if (each.calls == 1) CHECK(client.header("x-should-retry") == "false");
    }
  }
}

TEST_CASE("a byte order mark ahead of a document does no harm", "[proxy][large]") {
  for (const std::size_t size : {std::size_t{10}, std::size_t{2} << 20}) {
    Underway u("\xef\xbb\xbf" + large_chat(size));
    send(u.call(), u.text);
    u.call().end();
    CHECK(u.client.finished());
    CHECK(u.row().usage.output == 5);
  }
}

TEST_CASE("an error at the end of a large answer is no success", "[proxy][large]") {
  Underway u(
      R"({"choices":[{"message":{"content":")" + std::string(2 << 20, 'x') +
      R"("},"finish_reason":"error"}],"error":{"code":429,"message":"slow down"},"usage":{"prompt_tokens":1,"completion_tokens":2}})");
  send(u.call(), u.text);
  u.call().end();
  CHECK(u.client.aborted());
  CHECK(u.row().error_code.view() == "provider_rate_limited");
  CHECK(u.row().usage.output == 2);
}

TEST_CASE("with durability power the last byte of a large answer waits until its row is stored",
          "[proxy][large][durability]") {
  Config config = one_target();
  config.durability = Durability::power;
  Underway u(large_chat(2 << 20), config);
  send(u.call(), u.text);
  u.call().end();
  CHECK(u.client.body().size() == u.text.size() - 1);
  CHECK_FALSE(u.client.finished());
  u.t.pump();
  u.t.timer.advance(std::chrono::milliseconds(50));
  CHECK(u.client.body() == u.text);
  CHECK(u.client.finished());
}
