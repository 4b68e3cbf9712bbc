// Answers that their readers take slowly, or not at all: they are kept in the gateway's own books until then.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

constexpr std::size_t kPiece = 256 * 1024;

Config one_place() {
  Config config = test_config();
  config.routes[0].targets.pop_back();
  config.projects[0].limits.concurrent = 1;
  return config;
}

std::string chat_of(std::size_t size) {
  return R"({"id":"gen-9","model":"m-a-0613","choices":[{"index":0,"message":{"role":"assistant","content":")" +
         std::string(size, 'x') +
         R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";
}

void answer(FakeCall& call, const std::string& body, std::size_t piece = std::string::npos) {
  call.head(200, {{"content-type", "application/json"}});
  for (std::size_t at = 0; at < body.size(); at += std::min(piece, body.size() - at)) call.body(body.substr(at, piece));
  call.end();
}

// Whether the project's one place is free.
bool has_place(TestGateway& t) {
  FakeClient client;
  return t.open(client, "POST", "/v1/chat/completions")->wants_body();
}

// Reads on, a piece at a time, until all has come. The number of times.
int read_all(FakeClient& client, Exchange& exchange) {
  int times = 0;
  for (; !client.done(); ++times) exchange.on_drained();
  return times;
}

std::size_t largest_piece(const FakeClient& client) {
  std::size_t most = 0;
  for (const std::string& piece : client.pieces()) most = std::max(most, piece.size());
  return most;
}

}  // namespace

TEST_CASE("an answer that was gathered goes out as it is read, and keeps its place and room until then",
          "[proxy][backpressure]") {
  TestGateway t(one_place());
  FakeClient client;
  client.set_flow(Flow::pause);
  auto exchange = t.ask(client, kChat);
  const std::string body = chat_of(3 << 20);
  answer(t.upstream.call(0), body);
  CHECK(client.status() == 200);
  CHECK(client.content_length() == body.size());
  CHECK(client.body().size() == kPiece);
  CHECK(t.core->stats().in_flight == 1);
  CHECK(t.core->stats().buffered_bytes == static_cast<std::int64_t>(body.size()));
  CHECK_FALSE(has_place(t));
  // The money does not wait.
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == RowState::settled);
  CHECK(rows[0].usage.output == 5);
  CHECK(rows[0].flags == 0);

  CHECK(read_all(client, *exchange) == 13);
  CHECK(client.finished());
  CHECK(client.body() == body);
  CHECK(largest_piece(client) == kPiece);
  CHECK(t.core->stats().in_flight == 0);
  CHECK(has_place(t));
  exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
}

TEST_CASE("the beginning of a large answer goes out as it is read, before any more of it is requested",
          "[proxy][backpressure][large]") {
  TestGateway t(one_place());
  FakeClient client;
  client.set_flow(Flow::pause);
  auto exchange = t.ask(client, kChat);
  const std::string body = chat_of(2 << 20);
  FakeCall& call = t.upstream.call(0);
  answer(call, body, 64 * 1024);
  CHECK(client.body().size() == kPiece);
  CHECK(call.paused());
  CHECK(call.resumed() == 0);
  CHECK(t.core->stats().buffered_bytes > (1 << 20) - static_cast<std::int64_t>(kPiece));
  for (int i = 0; i < 4; ++i) exchange->on_drained();
  CHECK(call.resumed() == 0);
  CHECK(client.body().size() > (1 << 20));
  client.set_flow(Flow::more);
  exchange->on_drained();
  CHECK(call.resumed() == 1);
  CHECK(t.core->stats().buffered_bytes == 0);
  t.upstream.run();
  CHECK(client.finished());
  CHECK(client.body() == body);
}

TEST_CASE("a document that is sent as a stream goes out as it is read", "[proxy][backpressure]") {
  TestGateway t(one_place());
  FakeClient client;
  client.set_flow(Flow::pause);
  auto exchange = t.ask(client, kStream);
  answer(t.upstream.call(0), chat_of(3 << 20));
  CHECK(client.body().size() == kPiece);
  CHECK(t.core->stats().in_flight == 1);
  CHECK(t.core->stats().buffered_bytes > (3 << 20) - static_cast<std::int64_t>(kPiece));
  CHECK(t.core->stats().buffered_bytes < (3 << 20) + 1024);
  CHECK(t.rows().at(0).state == RowState::settled);
  CHECK_FALSE(has_place(t));
  CHECK(client.body().find("[DONE]") == std::string::npos);
  read_all(client, *exchange);
  CHECK(client.finished());
  CHECK(client.body().ends_with(kDone));
  CHECK(has_place(t));
}

TEST_CASE("one large event goes out as it is read, and then what follows it", "[proxy][backpressure]") {
  TestGateway t(one_place());
  FakeClient client;
  client.set_flow(Flow::pause);
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "text/event-stream"}});
  const std::string large = chunk(std::string(1 << 20, 'x')), rest = chunk("more") + kFinish + kUsage;
  CHECK(call.body(large + rest) == Flow::pause);
  CHECK(client.body().size() == kPiece);
  CHECK(t.core->stats().buffered_bytes > 0);
  SECTION("to a good end") {
    call.body(kDone);
    client.set_flow(Flow::more);
    exchange->on_drained();
    t.upstream.run();
    CHECK(client.finished());
    CHECK(client.body().starts_with(large + chunk("more") + kFinish));
    CHECK(client.body().ends_with(kDone));
  }
  SECTION("to a bad one: the error does not come within the event") {
    call.end(Error{ErrorCode::lost, "reset"});
    while (!client.done()) {
      exchange->on_drained();
      t.upstream.run();
    }
    CHECK(client.body().starts_with(large + chunk("more")));
  }
}

TEST_CASE("a client that reads nothing is dropped after the idle limit, whatever it costs", "[proxy][backpressure]") {
  const bool stream = GENERATE(false, true);
  Config config = one_place();
  config.timeouts.idle = std::chrono::minutes(2);
  TestGateway t(config);
  FakeClient client;
  client.set_flow(Flow::pause);
  auto exchange = t.ask(client, stream ? kStream : kChat);
  answer(t.upstream.call(0), chat_of(3 << 20));
  t.timer.advance(std::chrono::seconds(110));
  exchange->on_drained();  // it reads a little
  t.timer.advance(std::chrono::seconds(110));
  CHECK_FALSE(client.done());
  t.timer.advance(std::chrono::seconds(11));
  CHECK(client.aborted());
  CHECK(t.core->stats().in_flight == 0);
  exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
  CHECK(has_place(t));
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == RowState::settled);
  CHECK(rows[0].cost_source == CostSource::priced);
}

TEST_CASE("a client that reads the beginning of a large answer slowly is not dropped", "[proxy][backpressure][large]") {
  Config config = one_place();
  config.timeouts.idle = std::chrono::minutes(2);
  TestGateway t(config);
  FakeClient client;
  client.set_flow(Flow::pause);
  auto exchange = t.ask(client, kChat);
  answer(t.upstream.call(0), chat_of(2 << 20), 64 * 1024);
  for (int i = 0; i < 4; ++i) {
    t.timer.advance(std::chrono::seconds(110));
    exchange->on_drained();
  }
  CHECK_FALSE(client.done());
  t.timer.advance(std::chrono::seconds(121));
  CHECK(client.aborted());
}

TEST_CASE("who leaves within an answer that is complete pays for it once", "[proxy][backpressure]") {
  TestGateway t(one_place());
  FakeClient client;
  client.set_flow(Flow::pause);
  auto exchange = t.ask(client, kChat);
  answer(t.upstream.call(0), chat_of(1 << 20));
  exchange.reset();
  CHECK(t.core->stats().in_flight == 0);
  CHECK(t.core->stats().buffered_bytes == 0);
  CHECK(has_place(t));
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cost_source == CostSource::priced);
}
