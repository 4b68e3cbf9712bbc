// Somebody's routing policy, tested offline: the provider that fails is replaced by the next.
#include <gateway/api_key.h>
#include <gateway/gateway.h>
#include <gateway/testing/fake_client.h>
#include <gateway/testing/fake_upstream.h>
#include <gateway/testing/manual_timer.h>
#include <gateway/testing/memory_store.h>

#include <cstdio>
#include <string>

int main() {
  using gateway::testing::Answer;
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
    route.targets.push_back(target);
  }
  config.routes.push_back(route);
  config.projects.emplace_back().name = "demo";

  gateway::testing::MemoryStore store;
  gateway::testing::ManualTimer timer;
  gateway::testing::FakeUpstream upstream;
  const gateway::NewApiKey key = gateway::make_api_key({1, 2, 3}, "demo");
  if (!store.put_key(key.stored)) return 1;
  auto core = gateway::Core::create({.config = config, .store = &store, .now = timer.now(), .wall = timer.wall()});
  if (!core) return std::fprintf(stderr, "%s\n", core.error().detail.c_str()), 1;
  gateway::Gateway gateway(**core, 0, timer, upstream);

  upstream.answer_next(Answer::json(503, "{}"));
  upstream.answer_next(Answer::json(200, R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})"));
  const std::string bearer = "Bearer " + key.text;
  const gateway::HeaderField headers[] = {{"authorization", bearer}};
  gateway::testing::FakeClient client;
  auto exchange =
      gateway.open({.method = "POST", .path = "/v1/chat/completions", .headers = headers, .has_body = true}, client);
  exchange->on_body(R"({"model":"fast","messages":[{"role":"user","content":"hello"}]})");
  exchange->on_end();
  for (int turn = 0; turn < 100 && !client.done(); ++turn) {
    upstream.run();
    (*core)->pump(timer.now(), timer.wall());
    timer.advance(std::chrono::milliseconds(5));
  }
  std::printf("%d from %s\n", client.status(), std::string(client.header("x-gateway-provider")).c_str());
  return client.status() == 200 && client.header("x-gateway-provider") == "second" ? 0 : 1;
}
