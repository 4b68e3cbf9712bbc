// GET /v1/models for routes by pattern: what their provider's own list shows.
#include <algorithm>

#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

constexpr const char* kList =
    R"({"object":"list","data":[{"id":"llama/a-1","object":"model","created":7,"owned_by":"x"},)"
    R"({"id":"b-2","object":"model","created":1},{"object":"model"}]})";

// Model "named", all of alpha's under their names, beta's with a prefix.
Config by_patterns() {
  Config config = test_config();
  config.routes.clear();
  const auto add = [&](const char* pattern, const char* provider, const char* model, const char* strip) {
    TargetConfig target;
    target.provider = provider;
    target.model = model;
    target.strip = strip;
    config.routes.emplace_back();
    config.routes.back().pattern = pattern;
    config.routes.back().targets.push_back(target);
  };
  add("b-2", "alpha", "b-2", "");
  add("*", "alpha", "", "");
  add("beta/*", "beta", "", "beta/");
  return config;
}

std::vector<std::string> ids(TestGateway& t) {
  FakeClient client;
  auto exchange = t.open(client, "GET", "/v1/models");
  std::vector<std::string> found;
  const std::string& body = client.body();
  for (std::size_t at = 0; (at = body.find("\"id\":\"", at)) != std::string::npos;) {
    at += 6;
    found.push_back(body.substr(at, body.find('"', at) - at));
  }
  return found;
}

}  // namespace

TEST_CASE("patterns show what their provider lists, under the names that clients use", "[proxy][models]") {
  TestGateway t(by_patterns());
  REQUIRE(t.upstream.calls() == 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK(t.upstream.call(i).request().path == "/v1/models");
  CHECK(ids(t) == std::vector<std::string>{"b-2"});
  for (std::size_t i = 0; i < 2; ++i) t.upstream.call(i).answer(Answer::json(200, kList));
  CHECK(ids(t) == std::vector<std::string>{"b-2", "beta/b-2", "beta/llama/a-1", "llama/a-1"});

  FakeClient one;
  auto exchange = t.open(one, "GET", "/v1/models/beta/llama/a-1");
  CHECK(one.status() == 200);
  CHECK(one.body().find(R"("created":7)") != std::string::npos);
  CHECK(one.body().find(R"("owned_by":"beta")") != std::string::npos);
  FakeClient none;
  auto other = t.open(none, "GET", "/v1/models/beta/c-3");
  CHECK(none.status() == 404);
}

TEST_CASE("a project sees of a provider's list what it may use", "[proxy][models]") {
  Config config = by_patterns();
  config.projects[0].models = {"beta/*"};
  TestGateway t(config);
  for (std::size_t i = 0; i < 2; ++i) t.upstream.call(i).answer(Answer::json(200, kList));
  CHECK(ids(t) == std::vector<std::string>{"beta/b-2", "beta/llama/a-1"});
}

TEST_CASE("a provider without a list costs a line of the log, and is queried again later", "[proxy][models]") {
  TestGateway t(by_patterns());
  const auto told = [&] {
    return std::count_if(t.logs.begin(), t.logs.end(),
                         [](const std::string& line) { return line.find("alpha: its model list") == 0; });
  };
  t.upstream.call(0).answer(Answer::json(404, "{}"));
  CHECK(told() == 1);
  t.timer.advance(std::chrono::minutes(1));
  CHECK(t.upstream.calls() == 2);
  t.timer.advance(std::chrono::minutes(2));
  REQUIRE(t.upstream.calls() >= 3);
  t.upstream.call(t.upstream.calls() - 1).answer(Answer::json(404, "{}"));
  CHECK(told() <= 1);
  CHECK(ids(t) == std::vector<std::string>{"b-2"});
}

TEST_CASE("lists are fetched for patterns alone, and not if they are switched off", "[proxy][models]") {
  Config named = by_patterns();
  named.routes.resize(1);
  CHECK(TestGateway(named).upstream.calls() == 0);
  Config off = by_patterns();
  for (ProviderConfig& provider : off.providers) provider.catalogue_every = std::chrono::seconds(0);
  CHECK(TestGateway(off).upstream.calls() == 0);
}
