// A complete gateway over fakes: one project, one key, providers that the test answers for.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/key_text.h"
#include "gateway/gateway.h"
#include "gateway/testing/fake_client.h"
#include "gateway/testing/fake_upstream.h"
#include "gateway/testing/manual_timer.h"
#include "gateway/testing/memory_store.h"

namespace gateway::testing {

inline constexpr std::string_view kTestKey = "gk-0123456789012345678901234567890123456789012";

inline Prices test_prices(const char* input, const char* output) {
  Prices prices;
  prices.input = Money::parse(input).value();
  prices.output = Money::parse(output).value();
  return prices;
}

// Two providers, `alpha` and `beta`, both of OpenAI's type. Model "m" goes to alpha as "m-a", then to beta as "m-b".
inline Config test_config() {
  Config config;
  for (const char* name : {"alpha", "beta"}) {
    ProviderConfig provider;
    provider.name = name;
    provider.base_url = std::string("http://") + name + ".test/v1";
    provider.api_key = Secret(std::string("sk-") + name);
    config.providers.push_back(std::move(provider));
  }
  RouteConfig route;
  route.pattern = "m";
  for (const auto& [provider, model] : {std::pair{"alpha", "m-a"}, std::pair{"beta", "m-b"}}) {
    TargetConfig target;
    target.provider = provider;
    target.model = model;
    target.prices = test_prices("0.000001", "0.000002");
    target.max_output_tokens = 100;
    route.targets.push_back(std::move(target));
  }
  config.routes.push_back(std::move(route));
  ProjectConfig project;
  project.name = "demo";
  config.projects.push_back(std::move(project));
  return config;
}

inline ApiKey test_key(std::string_view text = kTestKey) {
  ApiKey key;
  key.id = "key_test00000001";
  key.name = "test";
  key.project = "demo";
  key.hash = key_hash(text);
  return key;
}

struct TestGateway {
  explicit TestGateway(const Config& config = test_config(), std::chrono::milliseconds store_within = {},
                       std::vector<FetchedCatalogue> kept_lists = {}) {
    (void)store.put_key(test_key()).has_value();
    CoreOptions options;
    options.config = config;
    options.store = &store;
    options.store_within = store_within;
    options.catalogues = std::move(kept_lists);
    options.new_process = [this] { return ++processes; };
    options.now = timer.now();
    options.wall = timer.wall();
    options.log = [this](const LogEvent& event) {
      logs.push_back(std::string(event.message));
      if (event.exchange != nullptr) statuses.push_back(event.exchange->status);
    };
    core = std::move(Core::create(std::move(options))).value();
    gateway = std::make_unique<Gateway>(*core, 0, timer, upstream);
  }

  std::unique_ptr<Exchange> open(Client& client, std::string_view method, std::string_view path,
                                 std::string_view key = kTestKey, std::vector<HeaderField> more = {}) {
    const std::string bearer = "Bearer " + std::string(key);
    more.push_back({"authorization", bearer});
    return gateway->open(
        {.method = method, .path = path, .query = {}, .headers = more, .content_length = {}, .has_body = true}, client);
  }
  // A complete request.
  std::unique_ptr<Exchange> ask(Client& client, std::string_view body, std::string_view path = "/v1/chat/completions") {
    auto exchange = open(client, "POST", path);
    if (exchange->wants_body()) exchange->on_body(body);
    if (exchange->wants_body()) exchange->on_end();
    return exchange;
  }
  void pump() { core->pump(timer.now(), timer.wall()); }
  // The rows, once all that is in the journal is in the store.
  std::vector<Row> rows() {
    pump();
    return store.all_rows();
  }

  MemoryStore store;
  ManualTimer timer;
  FakeUpstream upstream;
  std::vector<std::string> logs;
  std::vector<int> statuses;
  std::uint64_t processes = 1;  // ids that it has had
  std::unique_ptr<Core> core;
  std::unique_ptr<Gateway> gateway;
};

inline constexpr std::string_view kChat = R"({"model":"m","messages":[{"role":"user","content":"hello"}]})";
inline constexpr std::string_view kStream =
    R"({"model":"m","stream":true,"messages":[{"role":"user","content":"hello"}]})";
inline constexpr const char* kAnswer =
    R"({"id":"gen-1","model":"m-a-0613","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";

inline std::string chunk(std::string_view content) {
  return R"(data: {"id":"gen-1","model":"m-a-0613","choices":[{"index":0,"delta":{"content":")" + std::string(content) +
         "\"},\"finish_reason\":null}]}\n\n";
}
inline const std::string kFinish =
    "data: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
inline const std::string kUsage =
    "data: "
    "{\"id\":\"gen-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}"
    "\n\n";
inline const std::string kDone = "data: [DONE]\n\n";

}  // namespace gateway::testing
