// What is authorised is what is forwarded, and what it may cost is held.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

std::string body_with(const std::string& members) {
  return R"({"model":"m","messages":[{"role":"user","content":"hello"}],)" + members + "}";
}

Config capped() {
  Config config = test_config();
  config.routes[0].targets.resize(1);
  config.projects[0].spend.caps = {{Money::dollars(1), Period::total, {}}};
  return config;
}

// Two models at one provider, by the same names there; "cheap" and "dear", of which the second costs ten times as much.
Config two_models() {
  Config config = test_config();
  config.providers[0].type = ProviderType::openrouter;
  config.providers[0].catalogue_every = std::chrono::seconds(0);
  config.routes.clear();
  for (const auto& [name, output] : {std::pair{"cheap", "0.000002"}, std::pair{"dear", "0.00002"}}) {
    RouteConfig route;
    route.pattern = name;
    TargetConfig target;
    target.provider = "alpha";
    target.prices = test_prices("0.000001", output);
    target.max_output_tokens = 100;
    route.targets.push_back(std::move(target));
    config.routes.push_back(std::move(route));
  }
  return config;
}

constexpr const char* kBoth = R"({"model":"cheap","models":["cheap","dear"],"messages":[]})";

}  // namespace

TEST_CASE("a strict cap refuses what it cannot price, and nothing is dispatched", "[proxy][options]") {
  const auto& [members, param] = GENERATE(table<const char*, const char*>({
      {R"("service_tier":"priority")", "service_tier"},
      {R"("web_search_options":{})", "web_search_options"},
      {R"("plugins":[{"id":"web","max_results":10}])", "plugins"},
      {R"("modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"})", "modalities"},
      {R"("tools":[{"type":"openrouter:web_search"}])", "tools"},
      {R"("preset":"@preset/mine")", "preset"},
      {R"("data_sources":[{"type":"azure_search"}])", "data_sources"},
      {R"("extra_body":{"google":{"cached_content":"cachedContents/x"}})", "extra_body"},
      {R"("tools":[{"googleSearch":{}}])", "tools"},
  }));
  INFO(members);
  TestGateway t(capped());
  FakeClient client;
  const auto exchange = t.ask(client, body_with(members));
  CHECK(client.status() == 400);
  CHECK(client.body().find("\"code\":\"unpriced_option\"") != std::string::npos);
  CHECK(client.body().find("\"param\":\"" + std::string(param)) != std::string::npos);
  CHECK(t.upstream.calls() == 0);

  // Without a cap it is the provider's affair.
  TestGateway free;
  FakeClient other;
  const auto passed = free.ask(other, body_with(members));
  REQUIRE(free.upstream.calls() == 1);
  CHECK(free.upstream.call(0).request().body.find(members) != std::string::npos);
}

TEST_CASE("a tier with a price is held, and billed as the answer says", "[proxy][options]") {
  Config config = capped();
  config.routes[0].targets[0].prices->service_tiers = {{"priority", 3'000'000}};
  TestGateway t(config);
  const auto ask = [&](const char* served) {
    FakeClient client;
    t.upstream.answer_next(
        Answer::json(200, std::string(R"({"id":"g","service_tier":")") + served +
                              R"(","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],)"
                              R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})"));
    const auto exchange = t.ask(client, body_with(R"("service_tier":"priority")"));
    t.upstream.run();
    REQUIRE(client.status() == 200);
    return t.rows().back();
  };
  const Row fast = ask("priority");
  CHECK(fast.cost == Money::parse("0.00006").value());
  CHECK(fast.hold >= Money::parse("0.0006").value());  // 100 tokens of output at three times their price
  CHECK((fast.flags & row_flag::surcharged) != 0);
  CHECK(ask("default").cost == Money::parse("0.00002").value());
}

TEST_CASE("a stream is billed by the tier that its chunks say", "[proxy][options]") {
  Config config = capped();
  config.routes[0].targets[0].prices->service_tiers = {{"flex", 500'000}};
  TestGateway t(config);
  FakeClient client;
  t.upstream.answer_next(Answer::stream(
      {R"(data: {"id":"g","service_tier":"flex","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]})"
       "\n\n",
       kFinish, kUsage, kDone}));
  const auto exchange = t.ask(client, kStream);
  t.upstream.run();
  CHECK(t.rows().at(0).cost == Money::parse("0.00001").value());
}

TEST_CASE("each model that may answer must be allowed", "[proxy][options]") {
  Config config = two_models();
  config.projects[0].models = {"cheap"};
  TestGateway t(config);
  const auto refusal = [&](std::string_view body) {
    FakeClient client;
    const auto exchange = t.ask(client, body);
    CHECK(t.upstream.calls() == 0);
    return std::pair(client.status(), client.body());
  };
  const auto [status, body] = refusal(kBoth);
  CHECK(status == 403);
  CHECK(body.find("model_not_allowed") != std::string::npos);
  CHECK(body.find("\"param\":\"models\"") != std::string::npos);
  CHECK(refusal(R"({"model":"cheap","\u006dodels":["dear"],"messages":[]})").first == 403);
  CHECK(refusal(R"({"model":"cheap","models":["unheard-of"],"messages":[]})").first == 404);
  CHECK(refusal(R"({"model":"cheap","preset":"p","messages":[]})").first == 403);

  FakeClient client;
  const auto exchange = t.ask(client, R"({"model":"cheap","models":["cheap"],"messages":[]})");
  CHECK(t.upstream.calls() == 1);
}

TEST_CASE("a preset in a model's name is one as in a field", "[proxy][options]") {
  Config config = two_models();
  RouteConfig any = config.routes[0];
  any.pattern = "openai/*";
  config.routes.push_back(any);
  RouteConfig own = config.routes[0];
  own.pattern = "own@preset/operator";
  config.routes.push_back(own);
  const auto status = [&config](const std::string& members) {
    TestGateway t(config);
    if (!config.projects[0].spend.caps.empty()) t.pump();
    FakeClient client;
    t.upstream.answer_all(Answer::json(200, kAnswer));
    const auto exchange = t.ask(client, "{" + members + R"(,"messages":[]})");
    t.upstream.run();
    CHECK(t.upstream.calls() == (client.status() == 200 ? 1 : 0));
    return std::to_string(client.status()) + (client.body().find("unpriced_option") != std::string::npos ? "u" : "");
  };
  const std::string named = R"("model":"openai/gpt-4o@preset/foo")";
  const std::string beside = R"("model":"openai/gpt-4o","models":["openai/gpt-4o","openai/\u0067pt-4o@preset/foo"])";
  SECTION("projects with an allow-list may not, but for full names") {
    config.projects[0].models = {"openai/*", "own@preset/operator"};
    CHECK(status(named) == "403");
    CHECK(status(beside) == "403");
    CHECK(status(R"("model":"openai/gpt-4o")") == "200");
    CHECK(status(R"("model":"own@preset/operator")") == "200");
    config.projects[0].models = {"openai/*", "openai/gpt-4o@preset/foo"};
    CHECK(status(named) == "200");
    CHECK(status(beside) == "200");
    CHECK(status(R"("model":"openai/x@preset/foo")") == "403");
  }
  SECTION("others may") { CHECK(status(named) == "200"); }
  SECTION("if the name is the operator's or the provider another's it is a name") {
    config.projects[0].models = {"openai/*"};
    config.routes[2].targets[0].model = "fixed";
    CHECK(status(named) == "200");
    config.routes[2].targets[0].model.clear();
    config.providers[0].type = ProviderType::openai;
    CHECK(status(named) == "200");
  }
  SECTION("under a strict cap it has no price, nor has a search") {
    config.projects[0].spend.caps = {{Money::dollars(1), Period::total, {}}};
    CHECK(status(named) == "400u");
    CHECK(status(beside) == "400u");
    CHECK(status(R"("model":"openai/gpt-4o:online")") == "400u");
    CHECK(status(R"("model":"openai/gpt-4o")") == "200");
    config.routes[2].targets[0].prices->web_search = Money::parse("0.02").value();
    CHECK(status(R"("model":"openai/gpt-4o:online")") == "200");
  }
}

TEST_CASE("the dearest model that may answer is held", "[proxy][options]") {
  Config config = two_models();
  config.projects[0].spend.caps = {{Money::dollars(1), Period::total, {}}};
  TestGateway t(config);
  FakeClient client;
  t.upstream.answer_next(Answer::json(200, kAnswer));
  const auto exchange = t.ask(client, kBoth);
  t.upstream.run();
  REQUIRE(client.status() == 200);
  CHECK(t.upstream.call(0).request().body == kBoth);
  CHECK(t.rows().at(0).hold >= Money::parse("0.002").value());  // 100 tokens of "dear"

  SECTION("one without a price is refused") {
    config.routes[1].targets[0].prices.reset();
    TestGateway other(config);
    FakeClient refused;
    const auto gone = other.ask(refused, kBoth);
    CHECK(refused.status() == 400);
    CHECK(refused.body().find("unpriced_model") != std::string::npos);
    CHECK(refused.body().find("\"param\":\"models\"") != std::string::npos);
  }
  SECTION("one that this provider has no target for is not named to it, and not held") {
    config.routes[1].targets[0].provider = "beta";
    TestGateway other(config);
    other.pump();
    FakeClient answered;
    other.upstream.answer_next(Answer::json(200, kAnswer));
    const auto gone = other.ask(answered, kBoth);
    other.upstream.run();
    CHECK(answered.status() == 200);
    CHECK(other.upstream.call(0).request().body == R"({"model":"cheap","messages":[]})");
    CHECK(other.rows().at(0).hold < Money::parse("0.001").value());
  }
}

TEST_CASE("a chunk of usage is hidden only if we requested it", "[proxy][usage]") {
  const auto relayed = [](const Config& config, std::string_view body) {
    TestGateway t(config);
    FakeClient client;
    t.upstream.answer_next(Answer::stream({chunk("hi"), kFinish, kUsage, kDone}));
    const auto exchange = t.ask(client, body);
    t.upstream.run();
    REQUIRE(client.finished());
    CHECK(t.rows().at(0).usage.output == 5);
    return client.body().find("\"prompt_tokens\"") != std::string::npos;
  };
  Config config = test_config();
  CHECK_FALSE(relayed(config, kStream));
  CHECK(relayed(config, body_with(R"("stream":true,"stream_options":{"include_usage":true})")));
  CHECK_FALSE(relayed(config, body_with(R"("stream":true,"stream_options":{"include_usage":false})")));
  config.routes[0].targets[0].ask_usage = false;
  CHECK(relayed(config, kStream));
  config = test_config();
  config.providers[0].ask_usage = false;
  CHECK(relayed(config, kStream));
  config = test_config();
  config.providers[0].type = ProviderType::openrouter;  // sends its own
  config.providers[0].catalogue_every = std::chrono::seconds(0);
  CHECK(relayed(config, kStream));
}

TEST_CASE("an answer reports the length that was written into its request", "[proxy][usage]") {
  Config config = capped();
  config.routes[0].targets[0].max_output_tokens.reset();
  TestGateway t(config);
  const auto header = [&](std::string_view body) {
    FakeClient client;
    t.upstream.answer_next(Answer::json(200, kAnswer));
    const auto exchange = t.ask(client, body);
    t.upstream.run();
    REQUIRE(client.status() == 200);
    return std::string(client.header("x-gateway-max-tokens"));
  };
  CHECK(header(kChat) == "4096");
  CHECK(t.upstream.call(0).request().body.find("\"max_tokens\":4096") != std::string::npos);
  CHECK(header(body_with(R"("max_tokens":7)")).empty());
}

TEST_CASE("a strict cap's bound is written by the name that the target reads", "[proxy][options]") {
  Config config = capped();
  const auto sent = [&](std::string_view members) {
    TestGateway t(config);
    FakeClient client;
    const auto exchange = t.ask(client, body_with(std::string(members)));
    REQUIRE(t.upstream.calls() == 1);
    return t.upstream.call(0).request().body;
  };
  const auto has = [](const std::string& body, std::string_view member) {
    return body.find(member) != std::string::npos;
  };
  const std::string bounded = sent(R"("max_completion_tokens":7)");
  CHECK(has(bounded, R"("max_tokens":7)"));
  CHECK(has(bounded, R"("max_completion_tokens":null)"));
  CHECK_FALSE(has(sent(R"("max_completion_tokens":7,"max_tokens":5)"), "null"));
  config.routes[0].targets[0].length_field = LengthField::max_completion_tokens;
  CHECK(has(sent(R"("max_completion_tokens":7)"), R"("max_completion_tokens":7)"));
  config.routes[0].targets[0].length_field.reset();
  config.projects[0].spend.caps.clear();
  CHECK(has(sent(R"("max_completion_tokens":7)"), R"("max_completion_tokens":7)"));
}

TEST_CASE("usage that grows from chunk to chunk is not odd, usage that falls is", "[proxy][usage]") {
  const auto usage_chunk = [](int input, int output) {
    return R"(data: {"id":"g","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"usage":{"prompt_tokens":)" +
           std::to_string(input) + ",\"completion_tokens\":" + std::to_string(output) + "}}\n\n";
  };
  const auto row_of = [](std::vector<std::string> pieces) {
    TestGateway t;
    FakeClient client;
    t.upstream.answer_next(Answer::stream(std::move(pieces)));
    const auto exchange = t.ask(client, kStream);
    t.upstream.run();
    return t.rows().at(0);
  };
  const Row growing = row_of({usage_chunk(10, 1), usage_chunk(10, 2), usage_chunk(12, 3), kFinish, kDone});
  CHECK(growing.usage.output == 3);
  CHECK(growing.usage.input == 12);
  CHECK((growing.flags & row_flag::usage_odd) == 0);
  const Row falling = row_of({usage_chunk(10, 5), usage_chunk(10, 2), kFinish, kDone});
  CHECK(falling.usage.output == 2);
  CHECK((falling.flags & row_flag::usage_odd) != 0);
}

TEST_CASE("a provider's own cost counts beside odd counts", "[proxy][usage]") {
  TestGateway t;
  FakeClient client;
  t.upstream.answer_next(
      Answer::json(200, R"({"id":"g","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],)"
                        R"("usage":{"prompt_tokens":-3,"completion_tokens":"x","cost":0.0125,"is_byok":true,)"
                        R"("cost_details":{"upstream_inference_cost":0.25}}})"));
  const auto exchange = t.ask(client, kChat);
  t.upstream.run();
  const Row row = t.rows().at(0);
  CHECK(row.cost == Money::parse("0.2625").value());
  CHECK(row.upstream_cost == Money::parse("0.25").value());
  CHECK(row.cost_source == CostSource::provider);
  CHECK((row.flags & row_flag::usage_odd) != 0);
}

TEST_CASE("a price list goes with its provider", "[proxy][catalogue]") {
  Config config = test_config();
  config.providers[0].type = ProviderType::openrouter;
  config.routes[0].targets.resize(1);
  config.routes[0].targets[0].prices.reset();
  config.routes[0].targets[0].max_output_tokens = 10;
  config.projects[0].spend.caps = {{Money::dollars(1), Period::total, {}}};
  TestGateway t(config);
  t.upstream.answer_all([](const SentRequest& request) {
    return request.path.find("/models") != std::string::npos
               ? Answer::json(200, R"({"data":[{"id":"m-a","pricing":{"prompt":"0.1","completion":"0.1"}}]})")
               : Answer::json(200, kAnswer);
  });
  t.timer.advance(std::chrono::seconds(31));  // the first fetch began before there was an answer
  t.timer.advance(std::chrono::seconds(2));
  t.upstream.run();
  const auto status = [&] {
    FakeClient client;
    const auto exchange = t.ask(client, R"({"model":"m","messages":[]})");
    t.upstream.run();
    return client.status();
  };
  CHECK(status() == 429);  // more than a dollar: it is priced

  SECTION("another base URL under the same name has another list") {
    config.providers[0].base_url = "http://elsewhere.test/v1";
    config.providers[0].catalogue_every = std::chrono::seconds(0);
    REQUIRE(t.core->reload(config));
    CHECK(status() == 400);  // unpriced
    config.providers[0].base_url = "http://alpha.test/v1";
    REQUIRE(t.core->reload(config));
    CHECK(status() == 400);  // it is gone
  }
  SECTION("another type under the same name publishes none") {
    config.providers[0].type = ProviderType::openai;
    REQUIRE(t.core->reload(config));
    CHECK(status() == 400);
  }
  SECTION("the new one's list is fetched at once") {
    config.providers[0].base_url = "http://elsewhere.test/v1";
    REQUIRE(t.core->reload(config));
    t.timer.advance(std::chrono::seconds(2));
    t.upstream.run();
    CHECK(status() == 429);
  }
}

TEST_CASE("a list that was kept of the provider at another base URL has no price here", "[proxy][catalogue]") {
  Config config = test_config();
  config.providers[0].type = ProviderType::openrouter;
  config.routes[0].targets.resize(1);
  config.routes[0].targets[0].prices.reset();
  config.projects[0].spend.caps = {{Money::dollars(1), Period::total, {}}};
  for (const auto& [from, status] : {std::pair{"http://alpha.test/v1", 429}, std::pair{"http://else.test/v1", 400}}) {
    TestGateway t(
        config, {},
        {{"alpha", R"({"data":[{"id":"m-a","pricing":{"prompt":"0.1","completion":"0.1"}}]})", WallTime{}, from}});
    FakeClient client;
    const auto exchange = t.ask(client, kChat);
    CHECK(client.status() == status);  // more than a dollar, or not priced
  }
}
