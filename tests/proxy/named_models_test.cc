// Models that a request names to answer instead of its own.
#include "gateway/testing/policy_fixture.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

// "fast" at `a`, "large" at `b` under another name, "last" at `c`.
Config three_models() {
  Config config;
  config.routes = {route("fast", {"a"}, per_million("1", "2")), route("large", {"b"}, per_million("10", "20")),
                   route("last", {"c"}, per_million("1", "2"))};
  config.routes[1].targets[0].model = "large-2026";
  for (RouteConfig& each : config.routes) each.targets[0].max_output_tokens = 100;
  return config;
}

std::string body_with(const std::string& models) {
  return R"({"model":"fast","models":)" + models + R"(,"messages":[]})";
}

const Answer kFails = Answer::json(500, "{}");
const Answer kRefuses = Answer::json(400, R"({"error":{"message":"no"}})");

}  // namespace

TEST_CASE("models that a request names are tried in order, each once, each with its own hold",
          "[proxy][models][routing]") {
  PolicyFixture policy(three_models());
  policy.script("a", {kFails});
  const PolicyAnswer answer = policy.ask({.body = body_with(R"(["fast","large","fast","last"])")});
  CHECK(answer.status == 200);
  CHECK(answer.provider == "b");
  REQUIRE(answer.rows.size() == 2);
  CHECK(answer.rows[0].target_model.str() == "fast");
  CHECK(answer.rows[1].target_model.str() == "large-2026");
  CHECK(answer.rows[1].asked_model.str() == "fast");
  CHECK(answer.rows[1].hold > answer.rows[0].hold.times_saturated(5));
  CHECK(answer.rows[1].cost == usd("0.0003"));
  CHECK(policy.sent("b").at(0).body == R"({"model":"large-2026","messages":[]})");

  policy.script("a", {kFails});
  policy.script("b", {kFails});
  CHECK(policy.ask({.body = body_with(R"(["large","last"])")}).provider == "c");
}

TEST_CASE("what is final for one model is so for all, and max_attempts counts them together",
          "[proxy][models][routing]") {
  Config config = three_models();
  config.retry.max_attempts = 2;
  PolicyFixture policy(config);
  policy.script("a", {kRefuses, kFails});
  policy.script("b", {kFails});
  CHECK(policy.ask({.body = body_with(R"(["large"])")}).status == 400);
  CHECK(policy.sent("b").empty());
  const PolicyAnswer answer = policy.ask({.body = body_with(R"(["large","last"])")});
  CHECK(answer.status >= 500);
  CHECK(answer.attempts == 2);
  CHECK(policy.sent("c").empty());
}

TEST_CASE("after the last model the first one is tried again, and all others after it", "[proxy][models][retry]") {
  Config config = three_models();
  config.retry.max_attempts = 5;
  PolicyFixture policy(config);
  const auto models_of = [](const PolicyAnswer& answer) {
    std::vector<std::string> names;
    for (const Row& row : answer.rows) names.push_back(row.target_model.str());
    return names;
  };
  using Names = std::vector<std::string>;
  policy.script("a", {kFails});
  policy.script("b", {kFails});
  CHECK(models_of(policy.ask({.body = body_with(R"(["large"])")})) == Names{"fast", "large-2026", "fast"});
  policy.script("a", {kFails, kFails});
  policy.script("b", {kFails});
  policy.script("c", {kFails});
  const PolicyAnswer answer = policy.ask({.body = body_with(R"(["large","last"])")});
  CHECK(models_of(answer) == Names{"fast", "large-2026", "last", "fast", "large-2026"});
  CHECK(answer.status == 200);
  CHECK(answer.rows[4].hold == answer.rows[1].hold);
  // Who would answer the same again is not tried again.
  policy.script(
      "a", {Answer::json(403, R"({"error":{"message":"This request requires more credits, or fewer max_tokens."}})")});
  policy.script("b", {kFails});
  CHECK(models_of(policy.ask({.body = body_with(R"(["large"])")})) == Names{"fast", "large-2026", "large-2026"});
}

TEST_CASE("a model that the project may not use, or that is none, is refused before anything is sent",
          "[proxy][models]") {
  Config config = three_models();
  config.projects.emplace_back().name = "demo";
  config.projects[0].models = {"fast", "last"};
  PolicyFixture policy(config);
  CHECK(policy.ask({.body = body_with(R"(["last","large"])")}).code == "model_not_allowed");
  CHECK(policy.ask({.body = body_with(R"(["last","unheard-of"])")}).status == 404);
  CHECK(policy.sent("a").empty());
  CHECK(policy.ask({.body = body_with(R"(["last"])")}).status == 200);
}

TEST_CASE("a cap passes over the model that it has too little for", "[proxy][models]") {
  Config config = three_models();
  config.projects = {capped_project("demo", "0.001")};
  PolicyFixture policy(config);
  policy.script("a", {kFails});
  const PolicyAnswer answer = policy.ask({.body = body_with(R"(["large","last"])")});
  CHECK(answer.provider == "c");
  CHECK(policy.sent("b").empty());
}

TEST_CASE("no provider hears of the other models, wherever the body names them", "[proxy][models]") {
  Config config = three_models();
  ProviderConfig& claude = config.providers.emplace_back();
  claude.name = "b";
  claude.type = ProviderType::anthropic;
  claude.base_url = "http://b.example/v1";
  claude.api_key = Secret("sk-b");
  PolicyFixture policy(config);
  const std::string models = R"("models" : ["large", "last"])";
  const std::string message = R"("messages":[{"role":"user","content":"hi"}])";
  for (const std::string& body :
       {"{" + models + R"(,"model":"fast",)" + message + "}", R"({"model":"fast", )" + models + " , " + message + "}",
        R"({"model":"fast",)" + message + " , " + models + "\n}",
        R"({"m\u006fdel":"fast",)" + message + R"(,"mod\u0065ls":["large","last"]})",
        R"({"model":"fast",)" + models + R"(,"stream":true,"max_tokens":5,"max_completion_tokens":5,)" + message +
            "}"}) {
    INFO(body);
    policy.script("a", {Answer::json(500, "{}")});
    static_cast<void>(policy.ask({.body = body}));
    const std::string first = policy.sent("a").back().body;
    CHECK(first.find("large") == std::string::npos);
    CHECK(first.find(",,") == std::string::npos);
    CHECK(first.find(message) != std::string::npos);
    const std::string second = policy.sent("b").back().body;
    CHECK(second.find("\"large-2026\"") != std::string::npos);
    CHECK(second.find("models") == std::string::npos);
  }
  CHECK(policy.sent("b").size() == 5);
}

TEST_CASE("OpenRouter tries them itself if it has a target for each", "[proxy][models]") {
  Config config = three_models();
  ProviderConfig& reseller = config.providers.emplace_back();
  reseller.name = "a";
  reseller.type = ProviderType::openrouter;
  reseller.base_url = "http://a.example/v1";
  reseller.api_key = Secret("sk-a");
  reseller.catalogue_every = std::chrono::seconds(0);
  PolicyFixture policy(config);
  CHECK(policy.ask({.body = body_with(R"(["last"])")}).status == 200);
  CHECK(policy.sent("a").back().body.find("models") == std::string::npos);
  config.routes[2].targets[0].provider = "a";
  config.routes[2].targets[0].prices = per_million("10", "20");
  REQUIRE(policy.reload(config));
  const PolicyAnswer answer = policy.ask({.body = body_with(R"(["last"])")});
  CHECK(policy.sent("a").back().body == body_with(R"(["last"])"));
  CHECK(answer.rows.at(0).hold >= usd("0.002"));  // 100 tokens of the dearer one
}

TEST_CASE("the answer's route names the models that were tried", "[proxy][models][routing]") {
  Config config = three_models();
  config.route_header = true;
  PolicyFixture policy(config);
  policy.script("a", {kFails});
  const PolicyAnswer answer = policy.ask({.body = body_with(R"(["large"])")});
  CHECK(answer.headers.value("x-gateway-route") ==
        "fast; ordered; a=dispatched; large; ordered; b/large-2026=dispatched");
}
