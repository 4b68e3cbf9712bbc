// What a core reports of this moment: breakers, cooling, limits in use.
#include "gateway/live_figures.h"

#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

Config one_target() {
  Config config = test_config();
  config.routes[0].targets.resize(1);
  config.retry.max_attempts = 1;
  return config;
}

TargetHealthView only_target(TestGateway& t) {
  const auto targets = t.core->health(t.timer.now());
  REQUIRE(targets.size() == 1);
  return targets[0];
}

}  // namespace

TEST_CASE("a core reports which target is shut, and that it may be probed later", "[proxy][live]") {
  TestGateway t(one_target());
  CHECK(only_target(t).provider == "alpha");
  CHECK(only_target(t).state == BreakerState::closed);
  t.upstream.answer_all(Answer::json(500, "{}"));
  for (int i = 0; i < 8; ++i) {
    FakeClient client;
    auto exchange = t.ask(client, kChat);
    t.upstream.run();
  }
  CHECK(only_target(t).state == BreakerState::open);
  CHECK(only_target(t).model == "m-a");
  t.timer.advance(std::chrono::seconds(11));
  CHECK(only_target(t).state == BreakerState::half_open);
}

TEST_CASE("a core reports which target cools down, and why", "[proxy][live]") {
  TestGateway t(one_target());
  t.upstream.answer_all(Answer::json(429, "{}"));
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  t.upstream.run();
  const TargetHealthView cooling = only_target(t);
  CHECK(cooling.cooling.count() > 0);
  CHECK(cooling.reason == CoolingReason::rate_limited);
  t.timer.advance(std::chrono::minutes(2));
  CHECK(only_target(t).cooling.count() == 0);
  CHECK_FALSE(only_target(t).reason);
}

TEST_CASE("a model that its provider lists is reported by its name, others together", "[proxy][live]") {
  Config config = test_config();
  ProviderConfig simulated;
  simulated.name = "sim";
  simulated.type = ProviderType::simulated;
  config.providers.push_back(simulated);
  RouteConfig any;
  any.pattern = "simulated/*";
  any.targets.resize(1);
  any.targets[0].provider = "sim";
  config.routes.push_back(any);
  any.pattern = "*";
  any.targets[0].provider = "alpha";
  config.routes.push_back(any);
  config.retry.max_attempts = 1;
  TestGateway t(config);
  const std::size_t configured = t.core->health(t.timer.now()).size();
  t.upstream.answer_all(Answer::json(500, "{}"));
  const auto fail_with = [&t](const std::string& model) {
    for (int i = 0; i < 8; ++i) {
      FakeClient client;
      auto exchange = t.ask(client, R"({"model":")" + model + R"(","messages":[{"role":"user","content":"a"}]})");
      t.upstream.run();
      t.timer.advance(std::chrono::milliseconds(1));
    }
  };
  for (const char* model : {"simulated/echo?status=500", "simulated/lorem?status=500", "made-up", "made-up-2"})
    fail_with(model);
  std::vector<std::string> open;
  for (const TargetHealthView& target : t.core->health(t.timer.now())) {
    if (target.state == BreakerState::open) open.push_back(target.provider + " " + target.model);
  }
  CHECK(open == std::vector<std::string>{"alpha *", "sim simulated/echo", "sim simulated/lorem"});
  CHECK(t.core->health(t.timer.now()).size() == configured + 3);
}

TEST_CASE("a core reports what projects have under way, and what their limits leave", "[proxy][live]") {
  Config config = one_target();
  config.projects[0].limits.requests_per_minute = 10;
  config.projects[0].limits.concurrent = 3;
  TestGateway t(config);
  FakeClient client;
  auto exchange = t.ask(client, kChat);
  auto limits = t.core->limits(t.timer.now());
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].project == config.projects[0].name);
  CHECK(limits[0].in_flight == 1);
  CHECK(limits[0].requests_remaining == 9);
  CHECK(limits[0].concurrent_remaining == 2);
  CHECK_FALSE(limits[0].tokens_remaining);
  exchange.reset();
  CHECK(t.core->limits(t.timer.now())[0].in_flight == 0);
}
