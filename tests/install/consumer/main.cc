// A program of somebody's own: one request through the installed library into a SQLite ledger.
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

// SHA-256 of "gk-consumer".
constexpr gateway::KeyHash kHash = {0xb7, 0xdb, 0x34, 0x61, 0x0d, 0x41, 0x9a, 0xc8, 0xba, 0x3a, 0x0d,
                                    0xb2, 0x60, 0x2b, 0xd4, 0xa8, 0x9c, 0xd5, 0x93, 0x96, 0x7c, 0x96,
                                    0x13, 0xb4, 0xbc, 0x9b, 0x68, 0xed, 0x7d, 0x9b, 0x57, 0xc3};

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
  gateway::ApiKey key;
  key.id = "key_consumer0001";
  key.project = "demo";
  key.hash = kHash;
  if (!store.value()->put_key(key)) return fail("the key was not stored");

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
  const gateway::HeaderField fields[] = {{"authorization", "Bearer gk-consumer"}, {"content-type", "application/json"}};
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
