// No project, and no stranger, takes what others need.
#include "ledger/refusal_kinds.h"
#include "proxy/fair_share.h"
#include "proxy/shared_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

std::string metric(const TestGateway& t, const std::string& name) {
  const std::string text = "\n" + t.core->metrics(t.timer.now(), t.timer.wall());
  const std::size_t at = text.find("\n" + name + " ");
  return at == text.npos ? "" : text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
}

}  // namespace

TEST_CASE("heads of large bodies that do not come leave the memory to others", "[proxy][fairness]") {
  SharedGateway t;
  std::vector<std::unique_ptr<FakeClient>> clients;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (int i = 0; i < 8; ++i) {
    exchanges.push_back(t.head(*clients.emplace_back(std::make_unique<FakeClient>()), 32 * kMiB));
    exchanges.back()->on_body("{");
    CHECK(exchanges.back()->wants_body());
  }
  CHECK(t.core->stats().buffered_bytes == 8);
  CHECK(t.serves_other());
}

TEST_CASE("a project's concurrent requests are counted from their heads on", "[proxy][fairness][limits]") {
  Config config = two_projects();
  config.projects[0].limits.concurrent = 1;
  SharedGateway t(config);
  FakeClient first, second, third;
  auto exchange = t.head(first, 100);
  CHECK(exchange->wants_body());
  auto refused = t.head(second, 100);
  CHECK_FALSE(refused->wants_body());
  CHECK(second.status() == 429);
  CHECK(second.body().find("\"concurrency\"") != std::string::npos);
  CHECK(second.header("retry-after") == "1");
  CHECK(t.core->stats().in_flight == 1);
  CHECK(t.serves_other());
  exchange.reset();
  CHECK(t.core->stats().in_flight == 0);
  CHECK(t.head(third, 100)->wants_body());
}

TEST_CASE("one project leaves places for others, and takes them all if there is no other", "[proxy][fairness]") {
  const bool alone = GENERATE(false, true);
  Config config = alone ? test_config() : two_projects();
  config.server.max_in_flight = 100;
  TestGateway t(config);
  std::vector<std::unique_ptr<FakeClient>> clients;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (int i = 0; i < 120; ++i) {
    exchanges.push_back(t.open(*clients.emplace_back(std::make_unique<FakeClient>()), "POST", "/v1/chat/completions"));
  }
  CHECK(t.core->stats().in_flight == (alone ? 100 : 75));
  CHECK(clients.back()->status() == 503);
  CHECK(clients.back()->header("retry-after") == "1");
  exchanges.clear();
  CHECK(t.core->stats().in_flight == 0);
}

TEST_CASE("one project leaves memory for others", "[proxy][fairness]") {
  Config config = two_projects();
  config.server.max_body = 1'000;
  config.server.max_buffered = 10'000;
  SharedGateway t(config);
  std::vector<std::unique_ptr<FakeClient>> clients;
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (int i = 0; i < 20; ++i) {
    exchanges.push_back(t.open(*clients.emplace_back(std::make_unique<FakeClient>()), "POST", "/v1/chat/completions"));
    if (exchanges.back()->wants_body()) exchanges.back()->on_body(std::string(500, ' '));
  }
  CHECK(t.core->stats().buffered_bytes == 7'500);
  CHECK(clients.back()->status() == 503);
  CHECK(t.serves_other());
}

TEST_CASE("what cannot come in now is refused with its head, and one largest body always fits", "[proxy][fairness]") {
  Config config = two_projects();
  config.server.max_body = 1'000;
  config.server.max_buffered = 1'000;
  SharedGateway t(config);
  FakeClient first, second;
  auto exchange = t.head(first, 1'000);
  exchange->on_body(std::string(900, ' '));
  CHECK(exchange->wants_body());
  CHECK_FALSE(t.head(second, 101, kOtherKey)->wants_body());
  CHECK(second.status() == 503);
  exchange->on_body(std::string(100, ' '));
  CHECK(exchange->wants_body());
}

TEST_CASE("shares of a bound leave room for one more, however many there are", "[proxy][fairness]") {
  CHECK(within_share(75, 75, 100, 1, false));
  CHECK_FALSE(within_share(76, 76, 100, 1, false));
  CHECK(within_share(42, 84, 100, 1, false));
  CHECK_FALSE(within_share(50, 92, 100, 1, false));
  CHECK(within_share(1, 100, 100, 1, false));
  CHECK_FALSE(within_share(1, 101, 100, 1, false));
  CHECK(within_share(100, 100, 100, 1, true));
}

TEST_CASE("a body is kept until the answer begins, for another attempt, and released then", "[proxy][fairness]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  const auto size = static_cast<std::int64_t>(kStream.size());
  CHECK(t.core->stats().buffered_bytes == size);
  t.upstream.call(0).answer(Answer::json(500, R"({"error":{"message":"no"}})"));
  REQUIRE(t.upstream.calls() == 2);
  CHECK(t.upstream.call(1).request().body.find("m-b") != std::string::npos);
  CHECK(t.core->stats().buffered_bytes == size);
  FakeCall& call = t.upstream.call(1);
  SECTION("once it was sent") {
    call.head(200, {{"content-type", "text/event-stream"}});
    CHECK(t.core->stats().buffered_bytes == size);
    call.body(chunk("a"));
    CHECK(t.core->stats().buffered_bytes == 0);
  }
  SECTION("not while it is still being sent") {
    call.holds_body();
    call.head(200, {{"content-type", "text/event-stream"}});
    call.body(chunk("a"));
    CHECK(t.core->stats().buffered_bytes == size);
  }
  call.body(kFinish + kUsage + kDone);
  call.end();
  CHECK(client.finished());
  CHECK_FALSE(call.body_changed());
  exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
}

TEST_CASE("an answer that is being gathered counts as memory of its project", "[proxy][fairness]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  FakeCall& call = t.upstream.call(0);
  call.head(200, {{"content-type", "application/json"}});
  call.body(R"({"choices":[)");
  CHECK(t.core->stats().buffered_bytes == static_cast<std::int64_t>(kChat.size()) + 12);
  exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
}

TEST_CASE("names that clients make up are one kind of refusal, by the route that took them", "[proxy][fairness]") {
  Config config = test_config();
  config.routes[0].pattern = "*";
  config.projects[0].limits.requests_per_minute = 1;
  TestGateway t(config);
  for (int i = 0; i < 500; ++i) {
    FakeClient client;
    t.ask(client, R"({"model":"made-up-)" + std::to_string(i) + R"(","messages":[]})");
  }
  t.timer.advance(std::chrono::seconds(2));
  t.pump();
  std::int64_t count = 0;
  for (const RefusalCount& refusal : t.store.all_refusals()) {
    CHECK(refusal.model.view() == "*");
    count += refusal.count;
  }
  CHECK(t.store.all_refusals().size() <= 2);  // a minute may end in between
  CHECK(count == 499);
  CHECK(metric(t, "gateway_refused_total{reason=\"rate_limit_exceeded\"}") == "499");
}

TEST_CASE("a project's minute has a dozen kinds of refusals, and the others", "[ledger][fairness]") {
  RefusalKinds kinds;
  const auto bounded = [&](std::int64_t minute, const std::string& project, int kind) {
    RefusalCount count;
    count.minute = minute;
    count.project = project;
    count.model = "m" + std::to_string(kind);
    count.code = "rate_limit_exceeded";
    kinds.bound(count);
    return std::string(count.model.view()) + "/" + std::string(count.code.view());
  };
  for (int i = 0; i < 12; ++i) CHECK(bounded(1, "a", i) == "m" + std::to_string(i) + "/rate_limit_exceeded");
  CHECK(bounded(1, "a", 12) == "/other");
  CHECK(bounded(1, "a", 3) == "m3/rate_limit_exceeded");
  CHECK(bounded(1, "b", 12) == "m12/rate_limit_exceeded");
  CHECK(bounded(2, "a", 12) == "m12/rate_limit_exceeded");
}

TEST_CASE("a client's text cannot forge a metric", "[proxy][metrics]") {
  Config config = test_config();
  config.routes[0].pattern = "*";
  config.routes[0].targets.resize(1);
  config.routes[0].targets[0].model.clear();
  config.retry.max_attempts = 1;
  TestGateway t(config);
  t.upstream.answer_all(Answer::json(500, "{}"));
  const std::string name = R"(x\",provider=\"spoofed\"} 2 #)";
  for (int i = 0; i < 20; ++i) {
    FakeClient client;
    auto exchange = t.ask(client, "{\"model\":\"" + name + "\",\"messages\":[]}");
    t.upstream.run();
  }
  const std::string text = t.core->metrics(t.timer.now(), t.timer.wall());
  CHECK(text.find("spoofed") == text.npos);
  CHECK(text.find("gateway_target_breaker{provider=\"alpha\",model=\"*\"}") != text.npos);
}

TEST_CASE("strangers are counted and logged by the second, with their address", "[proxy][refused]") {
  TestGateway t;
  std::vector<std::string> clients;
  const auto knock = [&](std::string_view peer) {
    FakeClient client;
    const HeaderField fields[] = {{"authorization", "Bearer gk-wrong"}};
    auto exchange = t.gateway->open({.method = "POST",
                                     .path = "/v1/chat/completions",
                                     .query = {},
                                     .headers = fields,
                                     .content_length = 2,
                                     .has_body = true,
                                     .peer = peer},
                                    client);
    CHECK(client.status() == 401);
  };
  const auto lines = [&] {
    return std::count_if(t.logs.begin(), t.logs.end(), [](const auto& line) { return line.starts_with("refused: "); });
  };
  for (int i = 0; i < 100; ++i) knock("192.0.2.1");
  CHECK(lines() == 1);
  CHECK(metric(t, "gateway_refused_total{reason=\"invalid_api_key\"}") == "100");
  t.timer.advance(std::chrono::seconds(2));
  knock("192.0.2.2");
  CHECK(lines() == 2);
  CHECK(t.logs.back().starts_with("refused: invalid_api_key, 100 since"));
}

TEST_CASE("readiness ends before requests are refused", "[proxy][drain]") {
  TestGateway t;
  const auto get = [&](std::string_view path) {
    FakeClient client;
    t.open(client, "GET", path);
    return client.status();
  };
  CHECK(get("/readyz") == 200);
  t.core->end_readiness();
  CHECK(get("/readyz") == 503);
  CHECK(get("/healthz") == 200);
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  CHECK(t.upstream.calls() == 1);
}

TEST_CASE("a client that may not read the metrics gets an error that says so", "[proxy][metrics]") {
  TestGateway t;
  FakeClient client;
  t.gateway->open({.method = "GET",
                   .path = "/metrics",
                   .query = {},
                   .headers = {},
                   .content_length = {},
                   .has_body = false,
                   .peer = "192.0.2.1",
                   .may_read_metrics = false},
                  client);
  CHECK(client.status() == 403);
  CHECK(client.body().find("gateway_") == std::string::npos);
  CHECK(metric(t, "gateway_refused_total{reason=\"metrics_not_allowed\"}") == "1");
}

TEST_CASE("a core does not start with a token that is guessed", "[proxy][config]") {
  for (const bool metrics : {false, true}) {
    Config config = test_config();
    (metrics ? config.metrics.token : config.admin_token) = Secret("fifteen-letters");
    MemoryStore store;
    CoreOptions options;
    options.config = config;
    options.store = &store;
    auto core = Core::create(std::move(options));
    REQUIRE_FALSE(core.has_value());
    CHECK(core.error().detail.find("16 characters") != std::string::npos);
    CHECK(core.error().detail.find("fifteen") == std::string::npos);
  }
}
