// Counts every operator new of the process while a complete gateway works.
#include <cstdio>

#include "policy/routing/route_choice.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"
#include "support/count_allocations.h"

namespace gateway::testing {
namespace {

// Neither end may allocate for itself: only the library is to be counted.
class BareUpstream final : public Upstream {
 public:
  std::unique_ptr<Call> start(const UpstreamRequest&, UpstreamReply& reply) override {
    hears = &reply;
    return std::make_unique<BareCall>();
  }
  UpstreamReply* hears = nullptr;

 private:
  struct BareCall final : Call {
    void resume() override {}
  };
};

class BareClient final : public Client, public ResponseBody {
 public:
  ResponseBody& send_head(const ResponseHead& head) override {
    status = head.status;
    return *this;
  }
  Flow send_body(std::string_view bytes) override {
    size += bytes.size();
    return Flow::more;
  }
  void finish() override { done = true; }
  void abort() override { done = true; }
  int status = 0;
  std::size_t size = 0;
  bool done = false;
};

struct Bare {
  Bare() {
    (void)store.put_key(test_key()).has_value();
    core = Core::create({.config = test_config(), .store = &store, .now = timer.now(), .wall = timer.wall()}).value();
    gateway = std::make_unique<Gateway>(*core, 0, timer, upstream);
  }
  std::unique_ptr<Exchange> ask(Client& client, std::string_view body) {
    auto exchange = gateway->open({.method = "POST",
                                   .path = "/v1/chat/completions",
                                   .headers = headers,
                                   .content_length = body.size(),
                                   .has_body = true},
                                  client);
    exchange->on_body(body);
    exchange->on_end();
    return exchange;
  }
  const std::string bearer = "Bearer " + std::string(kTestKey);
  const HeaderField headers[1] = {{"authorization", bearer}};
  const HeaderField events[1] = {{"content-type", "text/event-stream"}};
  const HeaderField json[1] = {{"content-type", "application/json"}};
  MemoryStore store;
  ManualTimer timer;
  BareUpstream upstream;
  std::unique_ptr<Core> core;
  std::unique_ptr<Gateway> gateway;
};

TEST_CASE("a relayed chunk allocates nothing", "[proxy][allocation]") {
  Bare t;
  BareClient client;
  auto exchange = t.ask(client, kStream);
  t.upstream.hears->on_head({.status = 200, .headers = t.events});
  const std::string one = chunk("token"), three = chunk("a") + chunk("b") + chunk("c");
  const std::string cut_off = three.substr(0, three.size() - 20), rest = three.substr(three.size() - 20);
  for (int i = 0; i < 2; ++i) {  // warms up
    t.upstream.hears->on_body(three);
    t.upstream.hears->on_body(cut_off);
    t.upstream.hears->on_body(rest);
  }
  const long before = allocations;
  for (int i = 0; i < 1000; ++i) {
    t.upstream.hears->on_body(one);
    t.upstream.hears->on_body(three);
    t.upstream.hears->on_body(cut_off);
    t.upstream.hears->on_body(rest);
  }
  CHECK(allocations - before == 0);
  CHECK(client.size > 0);
}

TEST_CASE("a request costs few allocations, and their number is reported", "[proxy][allocation]") {
  Bare t;
  const std::string answer = kAnswer;
  long counted = 0;
  for (int i = 0; i < 20; ++i) {  // the last is warm
    BareClient client;
    const long before = allocations;
    auto exchange = t.ask(client, kChat);
    t.upstream.hears->on_head({.status = 200, .headers = t.json});
    t.upstream.hears->on_body(answer);
    t.upstream.hears->on_end({});
    exchange.reset();
    counted = allocations - before;
    REQUIRE(client.done);
    REQUIRE(client.status == 200);
  }
  std::printf("allocations per chat request in the core: %ld\n", counted);
  CHECK(counted <= 24);
}

TEST_CASE("a decision over a hundred targets allocates nothing", "[proxy][allocation][routing]") {
  for (const Strategy strategy :
       {Strategy::ordered, Strategy::weighted, Strategy::cheapest, Strategy::fastest, Strategy::least_busy}) {
    RouteConfig route;
    route.pattern = "fast";
    route.strategy = strategy;
    route.targets.resize(100);
    for (TargetConfig& target : route.targets) target.canary = Canary{9'000, {}};
    TargetGroup& group = route.groups.emplace_back();
    group.first = 10;
    group.count = 50;
    group.strategy = Strategy::weighted;
    const RouteTable table(route);
    RouteFacts facts;
    const long before = allocations;
    std::size_t chosen = 0;
    for (facts.turn = 0; facts.turn < 100; ++facts.turn) {
      RouteChoice choice;
      choose(table, facts, table.candidates, choice);
      chosen += choice.size();
    }
    CHECK(allocations - before == 0);
    CHECK(chosen > 8'000);
  }
}

}  // namespace
}  // namespace gateway::testing
