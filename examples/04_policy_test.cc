// A routing policy under test, offline: what happens to a request when its first provider is down, and when the
// project's money runs out? Time, providers and clients are fakes, so the answer is the same every time and takes no
// time at all.
#include <cstdio>
#include <memory>
#include <vector>

#include "gateway/gateway.h"
#include "gateway/testing/fake_client.h"
#include "gateway/testing/fake_upstream.h"
#include "gateway/testing/manual_timer.h"
#include "gateway/testing/memory_store.h"
#include "random_key.h"

using gateway::testing::Answer;

namespace {

gateway::Config policy() {
  gateway::Config config;
  gateway::RouteConfig route;
  route.pattern = "fast";
  for (const char* name : {"first", "second"}) {
    gateway::ProviderConfig provider;
    provider.name = name;
    provider.base_url = std::string("http://") + name + ".example/v1";
    config.providers.push_back(provider);
    gateway::TargetConfig target;
    target.provider = name;
    target.prices = gateway::Prices{};
    target.prices->input = gateway::Money::parse("0.000001").value();
    target.prices->output = gateway::Money::parse("0.000001").value();
    route.targets.push_back(target);
  }
  config.routes.push_back(route);
  gateway::ProjectConfig project;
  project.name = "demo";
  gateway::SpendCap cap;
  cap.cap = gateway::Money::parse("0.001").value();  // a thousand tokens
  cap.period = gateway::Period::day;
  project.spend.caps.push_back(cap);
  config.projects.push_back(project);
  return config;
}

int failures = 0;
void expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "NOT SO", what);
  if (!holds) ++failures;
}

}  // namespace

int main() {
  gateway::testing::MemoryStore store;
  gateway::testing::ManualTimer timer;
  gateway::testing::FakeUpstream upstream;
  const gateway::NewApiKey key = random_key("demo");
  if (auto put = store.put_key(key.stored); !put) return 1;
  auto core = gateway::Core::create({.config = policy(), .store = &store, .now = timer.now(), .wall = timer.wall()});
  if (!core) return std::fprintf(stderr, "%s\n", core.error().detail.c_str()), 1;
  gateway::Gateway gateway(**core, 0, timer, upstream);

  std::vector<std::unique_ptr<gateway::Exchange>> exchanges;
  const auto ask = [&](gateway::testing::FakeClient& client, const char* body) {
    const std::string bearer = "Bearer " + key.text;
    const gateway::HeaderField headers[] = {{"authorization", bearer}};
    auto exchange =
        gateway.open({.method = "POST", .path = "/v1/chat/completions", .headers = headers, .has_body = true}, client);
    exchange->on_body(body);
    exchange->on_end();
    for (int turn = 0; turn < 100 && !client.done(); ++turn) {
      upstream.run();
      (*core)->pump(timer.now(), timer.wall());
      timer.advance(std::chrono::milliseconds(5));
    }
    exchanges.push_back(std::move(exchange));
  };

  upstream.answer_next(Answer::json(503, "{}"));
  upstream.answer_next(Answer::json(200, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],)"
                                         R"("usage":{"prompt_tokens":300,"completion_tokens":400}})"));
  gateway::testing::FakeClient first;
  ask(first, R"({"model":"fast","max_tokens":400,"messages":[{"role":"user","content":"hello"}]})");
  expect(first.status() == 200 && first.header("x-gateway-provider") == "second",
         "a failing provider is replaced by the next");

  gateway::testing::FakeClient second;
  ask(second, R"({"model":"fast","max_tokens":400,"messages":[{"role":"user","content":"hello"}]})");
  expect(second.status() == 429, "what the day's cap has no room for is refused");
  expect(upstream.calls() == 2, "and nothing was sent for it");

  timer.advance(std::chrono::hours(24));
  (*core)->pump(timer.now(), timer.wall());
  upstream.answer_next(Answer::json(200, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],)"
                                         R"("usage":{"prompt_tokens":3,"completion_tokens":4}})"));
  gateway::testing::FakeClient third;
  ask(third, R"({"model":"fast","max_tokens":400,"messages":[{"role":"user","content":"hello"}]})");
  expect(third.status() == 200, "the next day it is admitted");
  return failures;
}
