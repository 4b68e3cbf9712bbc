// Somebody's policy test: the core and its fakes alone, no network, no database. One request, one answer, one cost.
#include <gateway/api_key.h>
#include <gateway/gateway.h>
#include <gateway/testing/fake_client.h>
#include <gateway/testing/fake_upstream.h>
#include <gateway/testing/manual_timer.h>
#include <gateway/testing/memory_store.h>

#include <cstdio>
#include <string>

int main() {
  gateway::Config config;
  gateway::ProviderConfig provider;
  provider.name = "here";
  provider.base_url = "http://here.example/v1";
  config.providers.push_back(provider);
  gateway::TargetConfig target;
  target.provider = "here";
  gateway::RouteConfig route;
  route.pattern = "m";
  route.targets.push_back(target);
  config.routes.push_back(route);
  gateway::ProjectConfig project;
  project.name = "demo";
  config.projects.push_back(project);

  gateway::testing::MemoryStore store;
  gateway::testing::ManualTimer timer;
  gateway::testing::FakeUpstream upstream;
  const gateway::NewApiKey key = gateway::make_api_key({1, 2, 3}, "demo");
  if (!store.put_key(key.stored)) return 1;
  gateway::CoreOptions options;
  options.config = config;
  options.store = &store;
  options.now = timer.now();
  options.wall = timer.wall();
  auto core = gateway::Core::create(std::move(options));
  if (!core) return std::fprintf(stderr, "%s\n", core.error().detail.c_str()), 1;
  gateway::Gateway door(**core, 0, timer, upstream);

  upstream.answer_all(gateway::testing::Answer::json(
      200, R"({"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]})"));
  gateway::testing::FakeClient client;
  const std::string bearer = "Bearer " + key.text;
  const gateway::HeaderField fields[] = {{"authorization", bearer}};
  gateway::RequestHead head;
  head.method = "POST";
  head.path = "/v1/chat/completions";
  head.headers = fields;
  head.has_body = true;
  auto exchange = door.open(head, client);
  exchange->on_body(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})");
  exchange->on_end();
  upstream.run();
  std::printf("status %d\n", client.status());
  return client.status() == 200 ? 0 : 1;
}
