// Strategies, conditions and shares through complete gateways.
#include <map>

#include "gateway/testing/policy_fixture.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

Config routed(Strategy strategy, const std::vector<std::string>& providers) {
  Config config;
  config.routes = {route("fast", providers, per_million("1", "2"))};
  config.routes[0].strategy = strategy;
  return config;
}

std::map<std::string, int> spread(PolicyFixture& policy, int requests) {
  std::map<std::string, int> counts;
  for (int i = 0; i < requests; ++i) ++counts[policy.ask({.model = "fast"}).provider];
  return counts;
}

}  // namespace

TEST_CASE("weighted requests go out by their weights, and past one that fails", "[proxy][routing]") {
  Config config = routed(Strategy::weighted, {"a", "b"});
  config.routes[0].targets[0].weight = 3;
  PolicyFixture policy(config);
  auto counts = spread(policy, 100);
  CHECK(std::abs(counts["a"] - 75) <= 3);
  policy.script("a", {Answer::json(500, "{}")});
  for (int i = 0; i < 4; ++i) CHECK(policy.ask({.model = "fast"}).status == 200);
}

TEST_CASE("the cheapest is by this request's own tokens", "[proxy][routing]") {
  Config config = routed(Strategy::cheapest, {"input", "output"});
  config.routes[0].targets[0].prices = per_million("0.1", "10");
  config.routes[0].targets[1].prices = per_million("5", "1");
  PolicyFixture policy(config);
  CHECK(policy.ask({.model = "fast", .prompt = "hi"}).provider == "output");
  CHECK(policy.ask({.model = "fast", .prompt = std::string(40'000, 'a')}).provider == "input");
}

TEST_CASE("what a target has in its cache makes it cheaper", "[proxy][routing]") {
  Config config = routed(Strategy::cheapest, {"plain", "caches"});
  config.routes[0].targets[1].prices = per_million("1.5", "2");
  config.routes[0].targets[1].prices->cached_input = Money::units(100'000);  // 0.1 USD per million
  PolicyFixture policy(config);
  const PolicyRequest request{.model = "fast", .prompt = std::string(8'000, 'a')};
  CHECK(policy.ask(request).provider == "plain");
  const Answer cached = Answer::json(
      200, R"({"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a"},)"
           R"("finish_reason":"stop"}],"usage":{"prompt_tokens":2000,"completion_tokens":1,"total_tokens":2001,)"
           R"("prompt_tokens_details":{"cached_tokens":1900}}})");
  policy.script("caches", std::vector<Scripted>(10, Scripted(cached)));
  policy.script("plain", std::vector<Scripted>(10, Scripted(Answer::json(500, "{}"))));
  for (int i = 0; i < 5; ++i) CHECK(policy.ask(request).status == 200);  // by failover, until it is known
  CHECK(policy.ask(request).attempts == 1);
  CHECK(policy.ask(request).provider == "caches");
}

TEST_CASE("the fastest to begin is found by trying, and kept over a reload", "[proxy][routing]") {
  Config config = routed(Strategy::fastest, {"slow", "quick"});
  PolicyFixture policy(config);
  policy.script("slow", {Scripted(chat_answer(), 900ms)});
  policy.script("quick", {Scripted(chat_answer(), 100ms)});
  CHECK(policy.ask({.model = "fast"}).provider == "slow");   // of both nothing is known
  CHECK(policy.ask({.model = "fast"}).provider == "quick");  // of this one still nothing is
  policy.script("slow", std::vector<Scripted>(20, Scripted(chat_answer(), 900ms)));
  policy.script("quick", std::vector<Scripted>(20, Scripted(chat_answer(), 100ms)));
  CHECK(policy.ask({.model = "fast"}).provider == "quick");
  REQUIRE(policy.reload(config));
  CHECK(policy.ask({.model = "fast"}).provider == "quick");
  policy.advance(6min);  // what was measured is no news any more
  CHECK(policy.ask({.model = "fast"}).provider == "slow");
}

TEST_CASE("the least busy gets the next request", "[proxy][routing]") {
  PolicyFixture policy(routed(Strategy::least_busy, {"a", "b", "c"}));
  for (const char* name : {"a", "b", "c"}) policy.script(name, std::vector<Scripted>(4, Scripted(chat_answer(), 1s)));
  std::map<std::string, int> counts;
  for (const PolicyAnswer& answer : policy.ask_all(std::vector<PolicyRequest>(9, {.model = "fast"})))
    ++counts[answer.provider];
  CHECK(counts == std::map<std::string, int>{{"a", 3}, {"b", 3}, {"c", 3}});
}

TEST_CASE("a session stays at its target, and goes on while that one fails", "[proxy][routing]") {
  Config config = routed(Strategy::weighted, {"a", "b", "c"});
  config.routes[0].sticky = Identity{IdentifiedBy::session, {}};
  PolicyFixture policy(config);
  const PolicyRequest request{.body = R"({"model":"fast","session_id":"s1","messages":[]})"};
  const std::string home = policy.ask(request).provider;
  for (int i = 0; i < 5; ++i) CHECK(policy.ask(request).provider == home);
  policy.script(home, {Answer::json(500, "{}")});
  const PolicyAnswer moved = policy.ask(request);
  CHECK(moved.status == 200);
  CHECK(moved.provider != home);
  CHECK(policy.ask(request).provider == home);
}

TEST_CASE("conversations with one beginning go to one target", "[proxy][routing]") {
  Config config = routed(Strategy::weighted, {"a", "b", "c"});
  config.routes[0].sticky = Identity{IdentifiedBy::prefix, {}};
  PolicyFixture policy(config);
  std::map<std::string, int> homes;
  for (int system = 0; system < 12; ++system) {
    std::string home;
    for (const char* question : {"one", "two", "three"}) {
      const std::string body = R"({"model":"fast","messages":[{"role":"system","content":")" +
                               std::string(1100, static_cast<char>('a' + system)) + R"("},{"role":"user","content":")" +
                               question + "\"}]}";
      const std::string provider = policy.ask({.body = body}).provider;
      CHECK((home.empty() || home == provider));
      home = provider;
    }
    ++homes[home];
  }
  CHECK(homes.size() == 3);
}

TEST_CASE("header fields lead to targets; a request that none is for is refused", "[proxy][routing]") {
  Config config = test_config();
  config.routes[0].targets[0].when.emplace().headers = {{"x-tier", "gold"}};
  config.routes[0].targets[1].can = std::uint8_t{0};
  TestGateway t(config);
  const auto ask = [&](std::string_view tier, std::string_view body) {
    FakeClient client;
    const std::string bearer = "Bearer " + std::string(kTestKey);
    const HeaderField headers[] = {{"authorization", bearer}, {"X-Tier", tier}};
    auto exchange = t.gateway->open(
        {.method = "POST", .path = "/v1/chat/completions", .headers = headers, .has_body = true}, client);
    exchange->on_body(body);
    exchange->on_end();
    t.upstream.run();
    return std::pair(std::string(client.header("x-gateway-provider")), client.body());
  };
  constexpr std::string_view kPlain = R"({"model":"m","messages":[]})";
  constexpr std::string_view kTools = R"({"model":"m","messages":[],"tools":[{"type":"function"}]})";
  for (int i = 0; i < 3; ++i) t.upstream.answer_next(chat_answer());
  CHECK(ask("gold", kPlain).first == "alpha");
  CHECK(ask("tin", kPlain).first == "beta");
  CHECK(ask("gold", kTools).first == "alpha");
  const std::string refused = ask("tin", kTools).second;
  CHECK(refused.find("\"no_target_fits\"") != refused.npos);
  CHECK(refused.find("it is for requests with other header fields; it cannot do what is requested") != refused.npos);
  CHECK(t.upstream.calls() == 3);
}

TEST_CASE("tags lead to targets, from the head and from the body", "[proxy][routing]") {
  Config config = test_config();
  config.routes[0].targets[0].when.emplace().tags = {"batch", "night"};
  const auto served_by = [&](std::string_view metadata, std::vector<HeaderField> fields) {
    TestGateway t(config);
    FakeClient client;
    auto exchange = t.open(client, "POST", "/v1/chat/completions", kTestKey, std::move(fields));
    exchange->on_body(R"({"model":"m","messages":[])" + std::string(metadata) + "}");
    exchange->on_end();
    return std::string(t.upstream.last().request().headers.value("authorization"));
  };
  const std::string tagged = "Bearer sk-alpha", other = "Bearer sk-beta";
  CHECK(served_by("", {}) == other);
  CHECK(served_by("", {{"x-gateway-tags", "batch"}}) == tagged);
  CHECK(served_by("", {{"X-Gateway-Tags", "blue , night"}}) == tagged);
  CHECK(served_by("", {{"x-gateway-tags", "batches"}}) == other);
  CHECK(served_by(R"(,"metadata":{"tags":["blue","night"]})", {}) == tagged);
  CHECK(served_by(R"(,"metadata":{"tags":"blue,batch"})", {}) == tagged);
  CHECK(served_by(R"(,"metadata":{"tags":["blue",7,["batch"]]})", {}) == other);
  CHECK(served_by(R"(,"metadata":{"tags":{"batch":true}})", {{"x-gateway-tags", "a"}}) == other);
}

TEST_CASE("a storm of failures over weighted targets stays within the retry budget", "[proxy][routing]") {
  Config config = routed(Strategy::weighted, {"a", "b", "c", "d"});
  config.retry.max_attempts = 10;
  PolicyFixture policy(config);
  for (const char* name : {"a", "b", "c", "d"})
    policy.script(name, std::vector<Scripted>(4000, Scripted(Answer::json(500, "{}"))));
  const auto answers = policy.ask_all(std::vector<PolicyRequest>(1000, {.model = "fast"}));
  int first = 0, extra = 0;
  Duration took{0};
  for (const PolicyAnswer& answer : answers) {
    first += answer.attempts > 0 ? 1 : 0;
    extra += std::max(0, answer.attempts - 1);
    took = std::max(took, answer.took);
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(took).count() + 1;
  CHECK(first > 0);
  CHECK(extra > 0);
  CHECK(extra <= std::max<std::int64_t>(first / 5, 10 * seconds));
}

TEST_CASE("what is too long for a model goes to a larger one, where that is configured", "[proxy][routing]") {
  const Answer too_long = Answer::json(
      400,
      R"({"error":{"message":"This model's maximum context length is 10 tokens.","code":"context_length_exceeded"}})");
  for (const bool configured : {false, true}) {
    Config config = routed(Strategy::ordered, {"small", "same", "large"});
    config.retry.on_context_length = configured;
    config.routes[0].targets[0].context_length = config.routes[0].targets[1].context_length = 1000;
    config.routes[0].targets[2].context_length = 2000;
    PolicyFixture policy(config);
    policy.script("small", {too_long, too_long});
    policy.script("large", {chat_answer(), too_long});
    const PolicyAnswer answer = policy.ask({.model = "fast"});
    CHECK(answer.status == (configured ? 200 : 400));
    CHECK(answer.attempts == (configured ? 2 : 1));
    CHECK(answer.provider == (configured ? "large" : "small"));
    const PolicyAnswer never = policy.ask({.model = "fast"});
    CHECK(never.status == 400);
    CHECK(never.code == "context_length_exceeded");
  }
}

TEST_CASE("a refusal of the content is final, unless it is configured otherwise", "[proxy][routing]") {
  const Answer refused = Answer::json(400, R"({"error":{"message":"no","code":"content_policy_violation"}})");
  for (const bool configured : {false, true}) {
    Config config = routed(Strategy::ordered, {"a", "b"});
    config.retry.on_content_policy = configured;
    PolicyFixture policy(config);
    policy.script("a", {refused});
    const PolicyAnswer answer = policy.ask({.model = "fast"});
    CHECK(answer.status == (configured ? 200 : 400));
    CHECK(policy.sent("b").size() == (configured ? 1 : 0));
  }
}

TEST_CASE("an answer tells how its target was chosen, if that is configured", "[proxy][routing]") {
  for (const bool configured : {false, true}) {
    Config config = routed(Strategy::ordered, {"a", "b"});
    config.route_header = configured;
    PolicyFixture policy(config);
    policy.script("a", {Answer::json(500, "{}")});
    const PolicyAnswer answer = policy.ask({.model = "fast"});
    const std::string told(answer.headers.value("x-gateway-route"));
    CHECK(told == (configured ? "fast; ordered; a=dispatched; b=dispatched" : ""));
  }
}
