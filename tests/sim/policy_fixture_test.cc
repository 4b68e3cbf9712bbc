#include "gateway/testing/policy_fixture.h"

#include <map>

#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

Config two_providers() {
  Config config;
  config.routes = {route("fast", {"first", "second"}, per_million("1", "2"))};
  return config;
}

}  // namespace

TEST_CASE("a provider without a script answers, and the answer has its cost", "[testing][policy_fixture]") {
  PolicyFixture policy(two_providers());
  const PolicyAnswer answer = policy.ask({.model = "fast"});
  CHECK(answer.status == 200);
  CHECK(answer.code.empty());
  CHECK(answer.provider == "first");
  CHECK(answer.attempts == 1);
  CHECK(answer.cost == usd("0.00003"));
  CHECK(answer.took == 0s);
  CHECK_FALSE(answer.broken);
  REQUIRE(answer.rows.size() == 1);
  CHECK(answer.rows[0].state == RowState::settled);
  CHECK(answer.rows[0].project == FixedText<64>("demo"));
}

TEST_CASE("scripts are followed call by call, for each provider by itself", "[testing][policy_fixture]") {
  PolicyFixture policy(two_providers());
  policy.script("first", {Answer::json(503, "{}"), chat_answer("one", 1, 1)});
  policy.script("second", {chat_answer("two", 2, 2)});
  const PolicyAnswer failed_over = policy.ask({.model = "fast"});
  CHECK(failed_over.provider == "second");
  CHECK(failed_over.attempts == 2);
  CHECK(failed_over.cost == usd("0.000006"));
  CHECK(policy.sent("first").size() == 1);
  policy.advance(1min);  // what a 503 cools
  const PolicyAnswer direct = policy.ask({.model = "fast", .prompt = "say \"one\""});
  CHECK(direct.provider == "first");
  CHECK(direct.body.find("\"one\"") != std::string::npos);
  REQUIRE(policy.sent("first").size() == 2);
  CHECK(policy.sent("first")[1].body.find(R"("content":"say \"one\"")") != std::string::npos);
  CHECK(policy.sent("second").size() == 1);
}

TEST_CASE("answers take the time that the script sets, and limits end silence", "[testing][policy_fixture]") {
  Config config = two_providers();
  config.timeouts.first_byte = 30s;
  PolicyFixture policy(config);
  policy.script("first", {Scripted(chat_answer(), 20s), silence()});
  CHECK(policy.ask({.model = "fast"}).took == 20s);
  const PolicyAnswer ended = policy.ask({.model = "fast"});
  CHECK(ended.status == 504);
  CHECK(ended.code == "provider_timeout");
  CHECK(ended.attempts == 1);
  CHECK(ended.took >= 30s);
  CHECK(ended.took < 31s);
}

TEST_CASE("a stream is answered as one, with its usage", "[testing][policy_fixture]") {
  PolicyFixture policy(two_providers());
  policy.script("first", {chat_stream("hi", 3, 4), Scripted(Answer::failure(ErrorCode::unreachable))});
  const PolicyAnswer complete = policy.ask({.model = "fast", .stream = true});
  CHECK(complete.status == 200);
  CHECK(complete.body.find("data: [DONE]") != std::string::npos);
  CHECK(complete.cost == usd("0.000011"));
  const PolicyAnswer other = policy.ask({.model = "fast", .stream = true});
  CHECK(other.provider == "second");
  CHECK(other.attempts == 2);
}

TEST_CASE("a stream that breaks is reported as broken", "[testing][policy_fixture]") {
  PolicyFixture policy(two_providers());
  Answer broken = chat_stream("half", 3, 4);
  broken.body.resize(1);
  broken.end = Error{ErrorCode::lost, "as the test says"};
  policy.script("first", {broken});
  const PolicyAnswer answer = policy.ask({.model = "fast", .stream = true});
  CHECK(answer.status == 200);
  CHECK(answer.broken);
  CHECK(answer.code == "provider_error");
  CHECK(answer.attempts == 1);
}

TEST_CASE("requests of the same instant share what a cap has left", "[testing][policy_fixture]") {
  Config config = two_providers();
  config.projects = {capped_project("small", "0.0010"), capped_project("large", "10", Period::day)};
  PolicyFixture policy(config);
  policy.script("first", std::vector<Scripted>(20, Scripted(chat_answer("x", 1, 1), 1s)));
  const PolicyRequest request{.model = "fast", .max_tokens = 150};
  std::map<std::string, int> codes;
  for (const PolicyAnswer& answer : policy.ask_all(std::vector<PolicyRequest>(5, request))) ++codes[answer.code];
  CHECK(codes[""] == 2);  // each holds some 350 of the thousand
  CHECK(codes["rate_limit_exceeded"] == 3);
  CHECK(policy.ask({.model = "fast", .project = "large"}).status == 200);
}

TEST_CASE("the clocks move only by advance(), and by what an answer takes", "[testing][policy_fixture]") {
  Config config = two_providers();
  config.projects = {capped_project("demo", "0.0008", Period::day)};
  PolicyFixture policy(config);
  policy.script("first", {chat_answer("x", 200, 250)});
  const WallTime before = policy.timer().wall();
  CHECK(policy.ask({.model = "fast", .max_tokens = 250}).cost == usd("0.0007"));
  CHECK(policy.timer().wall() - before < 1s);
  CHECK(policy.ask({.model = "fast", .max_tokens = 250}).code == "request_exceeds_budget");
  policy.advance(24h);
  CHECK(policy.ask({.model = "fast", .max_tokens = 250}).status == 200);
}

TEST_CASE("a reload is in force for the next request; a bad one changes nothing", "[testing][policy_fixture]") {
  PolicyFixture policy(two_providers());
  Config other;
  other.routes = {route("fast", {"third"})};
  other.projects.emplace_back().name = "late";
  REQUIRE(policy.reload(other));
  CHECK(policy.ask({.model = "fast", .project = "late"}).provider == "third");
  Config bad = other;
  bad.routes[0].targets.clear();
  CHECK_FALSE(policy.reload(bad));
  CHECK(policy.ask({.model = "fast"}).provider == "third");
}

TEST_CASE("a request may be any JSON, and the simulated provider serves too", "[testing][policy_fixture]") {
  Config config;
  ProviderConfig& simulated = config.providers.emplace_back();
  simulated.name = "sim";
  simulated.type = ProviderType::simulated;
  config.routes = {route("simulated/*", {"sim"})};
  PolicyFixture policy(config);
  const PolicyAnswer answer = policy.ask(
      {.body = R"({"model":"simulated/echo","temperature":0.5,"messages":[{"role":"user","content":"hello there"}]})"});
  CHECK(answer.status == 200);
  CHECK(answer.provider == "sim");
  CHECK(answer.body.find("hello there") != std::string::npos);
  CHECK(policy.ask({.body = "not JSON"}).status == 400);
}
