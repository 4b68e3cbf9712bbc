// A program of somebody's own: one request through the installed library into a SQLite ledger.
#include <gateway/api_key.h>
#include <gateway/curl_upstream.h>
#include <gateway/epoll_loop.h>
#include <gateway/gateway.h>
#include <gateway/sqlite_store.h>
#include <gateway/testing/fake_client.h>
#include <gateway/testing/fake_upstream.h>
#include <gateway/testing/manual_timer.h>
#include <gateway/yaml_config.h>

#include <cstdio>
#include <string>

namespace {

constexpr const char* kYaml = R"(
database: sqlite:unused.db
providers: {here: {type: openai, base_url: http://127.0.0.1:1/v1, api_key: none}}
models: {"*": {targets: [{provider: here, prices: {input: 1, output: 2}}]}}
projects: {demo: {}}
)";

int fail(const std::string& what) {
  std::fprintf(stderr, "consumer: %s\n", what.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return fail("usage: consumer DATABASE");
  gateway::ConfigReading reading =
      gateway::read_config_text(kYaml, "consumer.yaml", [](const std::string&) { return std::nullopt; });
  if (!reading.mistakes.empty()) return fail(reading.mistakes.front().to_string());

  gateway::SqliteStoreOptions options;
  options.path = argv[1];
  auto store = gateway::open_sqlite_store(options);
  if (!store) return fail(store.error().detail);
  const gateway::NewApiKey key = gateway::make_api_key({1, 2, 3}, "demo");  // a program in earnest takes random bytes
  if (!store.value()->put_key(key.stored)) return fail("the key was not stored");

  gateway::testing::ManualTimer timer;
  gateway::CoreOptions core_options;
  core_options.config = reading.config;
  core_options.store = store.value().get();
  core_options.now = timer.now();
  core_options.wall = timer.wall();
  auto core = gateway::Core::create(std::move(core_options));
  if (!core) return fail(core.error().detail);

  gateway::EpollLoop loop;  // what a server would run on; here they only have to link and to be destroyed well
  const gateway::CurlUpstream to_providers(loop);

  gateway::testing::FakeUpstream upstream;
  upstream.answer_all(gateway::testing::Answer::json(
      200, R"({"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],)"
           R"("usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})"));
  gateway::Gateway door(**core, 0, timer, upstream);
  gateway::testing::FakeClient client;
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":"hello"}]})";
  const std::string bearer = "Bearer " + key.text;
  const gateway::HeaderField fields[] = {{"authorization", bearer}, {"content-type", "application/json"}};
  gateway::RequestHead head;
  head.method = "POST";
  head.path = "/v1/chat/completions";
  head.headers = fields;
  head.content_length = body.size();
  head.has_body = true;
  auto exchange = door.open(head, client);
  if (exchange && exchange->wants_body()) {
    exchange->on_body(body);
    exchange->on_end();
  }
  upstream.run();
  if (client.status() != 200) return fail("status " + std::to_string(client.status()) + ": " + client.body());
  exchange.reset();
  (*core)->pump(timer.now(), timer.wall());

  auto sums = store.value()->usage({});
  if (!sums) return fail(sums.error().detail);
  if (sums->size() != 1 || sums->front().usage.output != 4) return fail("the ledger does not show the request");
  std::printf("one request, %lld tokens out, in the ledger\n", static_cast<long long>(sums->front().usage.output));
}
