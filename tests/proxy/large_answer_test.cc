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
