// What one project's requests do to a target, and to the retries, that others share.
#include "proxy/shared_gateway.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kPoison = R"({"model":"m","messages":[{"role":"user","content":"poison"}]})";

Config shared_targets(std::size_t count) {
  Config config = two_projects();
  config.routes[0].targets.resize(count);
  config.retry.max_attempts = static_cast<int>(count);
  return config;
}

// The target answers what it is asked but for one prompt.
void answer_poison_with(SharedGateway& t, const Answer& answer) {
  t.upstream.answer_all([answer](const SentRequest& request) {
    return request.body.find("poison") != std::string::npos ? answer : Answer::json(200, kAnswer);
  });
}

}  // namespace

TEST_CASE("a prompt at which the provider breaks shuts the target to its own project alone", "[proxy][neighbours]") {
  SharedGateway t(shared_targets(1));
  answer_poison_with(t, Answer::json(500, R"({"error":{"message":"boom"}})"));
  for (int i = 0; i < 30; ++i) CHECK(t.status_of(kTestKey, kPoison) == 502);
  CHECK(t.upstream.calls() < 30);
  for (int i = 0; i < 20; ++i) CHECK(t.status_of(kOtherKey) == 200);
}

TEST_CASE("a target that is down is left alone by everybody after five failures of two", "[proxy][neighbours]") {
  SharedGateway t(shared_targets(1));
  t.upstream.answer_all(Answer::json(500, R"({"error":{"message":"boom"}})"));
  for (int i = 0; i < 3; ++i) t.status_of(kTestKey);
  for (int i = 0; i < 2; ++i) t.status_of(kOtherKey);
  const std::size_t calls = t.upstream.calls();
  for (int i = 0; i < 10; ++i) CHECK(t.status_of(i % 2 == 0 ? kTestKey : kOtherKey) == 502);
  CHECK(t.upstream.calls() == calls);
}

TEST_CASE("refusals of what one request contains leave the target to others", "[proxy][neighbours]") {
  struct Case {
    int status;
    const char* body;
  };
  for (const Case& each :
       {Case{402, R"({"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}})"},
        Case{403, R"({"error":{"message":"Your organization must be verified to use this parameter"}})"},
        Case{403, "<html>blocked by a filter</html>"}}) {
    INFO(each.body);
    Config config = shared_targets(1);
    config.retry.max_attempts = 3;  // but the same target would say the same
    SharedGateway t(config);
    answer_poison_with(t, Answer::json(each.status, each.body));
    for (int i = 0; i < 4; ++i) CHECK(t.status_of(kTestKey, kPoison) == 502);
    CHECK(t.upstream.calls() == 4);
    for (int i = 0; i < 10; ++i) CHECK(t.status_of(kTestKey, kPoison) == 502);
    for (int i = 0; i < 5; ++i) CHECK(t.status_of(kOtherKey) == 200);
  }
}

TEST_CASE("one project's failures leave the others their retries", "[proxy][neighbours][retry]") {
  Config config = shared_targets(2);
  RouteConfig bad = config.routes[0];  // names enough that no breaker opens
  bad.pattern = "bad/*";
  for (TargetConfig& target : bad.targets) target.model.clear();
  config.routes.push_back(bad);
  SharedGateway t(config);
  t.upstream.answer_all([](const SentRequest& request) {
    if (request.body.find("bad/") != std::string::npos) return Answer::json(500, "{}");
    if (request.body.find("m-b") != std::string::npos) return Answer::json(200, kAnswer);
    Answer busy = Answer::json(429, "{}");
    busy.headers.push_back({"retry-after-ms", "1"});
    return busy;
  });
  std::size_t name = 0;
  for (int i = 0; i < 9; ++i) {
    const std::size_t before = t.upstream.calls();
    for (int k = 0; k < 50; ++k) {
      t.status_of(kTestKey, R"({"messages":[],"model":"bad/)" + std::to_string(++name) + "\"}");
    }
    CHECK(t.upstream.calls() - before <= 50 + 12 + 10);  // a share of its own, and ten
    CHECK(t.status_of(kOtherKey) == 200);
    t.timer.advance(50ms);
  }
  const std::size_t before = t.upstream.calls();
  CHECK(t.status_of(kTestKey) != 200);  // its own are used up
  CHECK(t.upstream.calls() == before + 1);
}
