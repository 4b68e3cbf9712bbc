// Answers that have to be gathered share the memory there is: they wait for it, and never for each other for ever.
#include <algorithm>
#include <deque>

#include "proxy/shared_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kPiece = 64 * 1024;

// 8 MiB for all: a project alone may hold 6 of them.
Config small_room() {
  Config config = two_projects();
  config.routes[0].targets.pop_back();
  config.server.max_buffered = 8 << 20;
  config.server.max_body = 1 << 20;
  return config;
}

struct Gathering {
  explicit Gathering(SharedGateway& t) {
    exchange = t.ask(client, kStream);
    call = &t.upstream.last();
    call->head(200, {{"content-type", "application/json"}});
    call->body(R"({"id":"gen-9","choices":[{"index":0,"message":{"role":"assistant","content":")");
  }
  // As much as it is let; how much that was.
  std::size_t send(std::size_t size) {
    std::size_t sent = 0;
    for (; sent < size && call->alive() && !call->paused(); sent += kPiece) call->body(std::string(kPiece, 'x'));
    return sent;
  }
  void end() {
    call->body(R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})");
    call->end();
  }

  FakeClient client;
  std::unique_ptr<Exchange> exchange;
  FakeCall* call;
};

void pass(SharedGateway& t, Duration time) {
  t.timer.advance(time);
  t.upstream.run();
}

}  // namespace

TEST_CASE("an answer waits for room that others will release", "[proxy][gathering]") {
  SharedGateway t(small_room());
  Gathering first(t), second(t);
  CHECK(first.send(4 << 20) == 4 << 20);
  CHECK(second.send(4 << 20) < (5 << 19));
  CHECK(second.call->paused());
  CHECK(t.core->stats().buffered_bytes <= 6 << 20);
  CHECK(t.serves_other());
  pass(t, 1s);
  CHECK(second.call->paused());
  first.end();
  CHECK(first.client.finished());
  first.exchange.reset();
  pass(t, 10ms);
  CHECK_FALSE(second.call->paused());
  CHECK(second.send(2 << 20) == 2 << 20);
  second.end();
  CHECK(second.client.finished());
  second.exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
}

TEST_CASE("of answers that would wait for each other the newest give up, and cost their holds", "[proxy][gathering]") {
  SharedGateway t(small_room());
  std::deque<Gathering> all;
  for (int i = 0; i < 10; ++i) all.emplace_back(t);
  // Side by side, so that none has what it needs.
  for (int round = 0; round < 14; ++round) {
    for (Gathering& each : all) each.send(kPiece);
  }
  CHECK(t.core->stats().buffered_bytes <= 6 << 20);
  CHECK(std::any_of(all.begin(), all.end(), [](const Gathering& each) { return each.call->paused(); }));
  CHECK(t.serves_other());
  std::size_t sent = 0;  // by the oldest
  for (int i = 0; i < 2000 && !all.front().client.done(); ++i) {
    pass(t, 5ms);
    for (Gathering& each : all) {
      if (each.client.done()) each.exchange.reset();
      sent += each.send(kPiece) * (&each == &all.front() ? 1 : 0);
    }
    if (sent > (3 << 20) && !all.front().call->paused()) all.front().end();
  }
  CHECK(all.front().client.finished());
  CHECK(all.front().client.status() == 200);
  CHECK(all.back().client.status() == 503);
  CHECK(all.back().client.body().find("\"overloaded\"") != std::string::npos);
  CHECK(all.back().client.header("x-should-retry") == "false");
  CHECK(std::count_if(all.begin(), all.end(), [](const Gathering& each) { return each.client.status() == 503; }) < 9);
  all.front().exchange.reset();
  for (const Row& row : t.rows()) {
    if (row.state != RowState::failed) continue;
    CHECK(row.error_code.view() == "overloaded");
    CHECK(row.cost_source == CostSource::held);
    CHECK(row.cost == row.hold);
  }
  all.clear();
  CHECK(t.core->stats().buffered_bytes == 0);
}

TEST_CASE("an answer that no room could ever take fails at once, and is not tried elsewhere", "[proxy][gathering]") {
  Config config = small_room();
  config.routes = test_config().routes;
  SharedGateway t(config);
  Gathering only(t);
  only.send(20 << 20);
  CHECK(only.call->paused());
  pass(t, 10ms);
  CHECK(only.client.status() == 503);
  CHECK(only.call->cancelled());
  CHECK(t.upstream.calls() == 1);
  only.exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
  CHECK(t.serves_other());
}

TEST_CASE("an answer does not wait for room longer than it may be idle", "[proxy][gathering]") {
  Config config = small_room();
  config.timeouts.idle = 10s;
  SharedGateway t(config);
  Gathering first(t);
  first.client.set_flow(Flow::pause);
  first.send(4 << 20);
  first.end();  // and its reader takes nothing, for half a minute
  Gathering second(t);
  second.send(4 << 20);
  CHECK(second.call->paused());
  pass(t, 9s);
  CHECK_FALSE(second.client.done());
  pass(t, 2s);
  CHECK(second.client.status() == 503);
  CHECK_FALSE(first.client.done());
}

TEST_CASE("who leaves while it waits for room is waited for by nobody", "[proxy][gathering]") {
  SharedGateway t(small_room());
  Gathering first(t), second(t);
  first.send(4 << 20);
  second.send(4 << 20);
  CHECK(second.call->paused());
  second.exchange.reset();
  CHECK(second.call->cancelled());
  pass(t, 1s);
  CHECK(first.send(1 << 20) == 1 << 20);
  CHECK_FALSE(first.client.done());
}

TEST_CASE("an event that comes in many pieces counts, and waits, like a document", "[proxy][gathering]") {
  SharedGateway t(small_room());
  Gathering first(t);
  first.send(5 << 20);
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  FakeCall& call = t.upstream.last();
  call.head(200, {{"content-type", "text/event-stream"}});
  const std::string event = chunk(std::string(2 << 20, 'x'));
  for (std::size_t at = 0; at < event.size(); at += kPiece) call.body(event.substr(at, kPiece));
  call.body(kFinish + kUsage + kDone);
  CHECK(call.paused());
  CHECK(t.core->stats().buffered_bytes > (11 << 19));
  CHECK(t.core->stats().buffered_bytes <= 6 << 20);
  first.exchange.reset();
  pass(t, 10ms);
  CHECK(client.finished());
  CHECK(client.body().starts_with(event));
  CHECK(t.core->stats().buffered_bytes == 0);
}
