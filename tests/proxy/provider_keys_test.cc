// Several keys of one provider: spread by weight, and each in trouble alone.
#include <algorithm>
#include <map>

#include "gateway/testing/policy_fixture.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

Config keyed() {
  Config config;
  ProviderConfig& vendor = config.providers.emplace_back();
  vendor.name = "vendor";
  vendor.base_url = "http://vendor.example/v1";
  vendor.api_keys = {{"work", Secret("sk-of-work"), 3}, {"spare", Secret("sk-of-spare"), 1}};
  config.routes = {route("fast", {"vendor"}, per_million("1", "2"))};
  return config;
}

std::map<std::string, int> keys_sent(const PolicyFixture& policy) {
  std::map<std::string, int> counts;
  for (const SentRequest& sent : policy.sent("vendor")) ++counts[std::string(sent.headers.value("authorization"))];
  return counts;
}

}  // namespace

TEST_CASE("requests are spread over a provider's keys by weight, and rows name the provider", "[proxy][keys]") {
  PolicyFixture policy(keyed());
  for (int i = 0; i < 400; ++i) CHECK(policy.ask({.model = "fast"}).provider == "vendor");
  auto sent = keys_sent(policy);
  CHECK(sent.size() == 2);
  CHECK(std::abs(sent["Bearer sk-of-work"] - 300) < 40);
}

TEST_CASE("what one key is refused goes out with the next, and that key rests alone", "[proxy][keys]") {
  for (const int status : {401, 429}) {
    INFO(status);
    PolicyFixture policy(keyed());
    policy.script("vendor", {Answer::json(status, R"({"error":{"message":"no"}})")});
    const PolicyAnswer answer = policy.ask({.model = "fast"});
    CHECK(answer.status == 200);
    CHECK(answer.attempts == 2);
    const auto sent = policy.sent("vendor");
    REQUIRE(sent.size() == 2);
    const std::string rests(sent[0].headers.value("authorization"));
    CHECK(sent[1].headers.value("authorization") != rests);
    int in_trouble = 0;
    for (const TargetHealthView& view : policy.core().health(policy.timer().now())) {
      CHECK(view.provider == "vendor");
      if (view.cooling.count() == 0) continue;
      ++in_trouble;
      CHECK("Bearer sk-of-" + view.key == rests);
    }
    CHECK(in_trouble == 1);
    for (int i = 0; i < 20; ++i) CHECK(policy.ask({.model = "fast"}).attempts == 1);
    CHECK(keys_sent(policy)[rests] == 1);
    policy.advance(31s);  // it has cooled down
    for (int i = 0; i < 20; ++i) CHECK(policy.ask({.model = "fast"}).status == 200);
    CHECK(keys_sent(policy)[rests] > 1);
  }
}

TEST_CASE("all keys in trouble: the client hears it, and no secret is told", "[proxy][keys]") {
  PolicyFixture policy(keyed());
  const Answer leaks = Answer::json(401, R"({"error":{"message":"wrong key sk-of-work or sk-of-spare"}})");
  policy.script("vendor", {leaks, leaks, leaks});
  const PolicyAnswer answer = policy.ask({.model = "fast"});
  CHECK(answer.code == "provider_unavailable");
  CHECK(answer.attempts == 2);
  CHECK(answer.body.find("sk-of") == std::string::npos);
}

TEST_CASE("keys within groups keep the groups' places", "[proxy][keys]") {
  Config config = keyed();
  config.routes = {route("fast", {"first", "vendor", "last"}, per_million("1", "2"))};
  TargetGroup& group = config.routes[0].groups.emplace_back();
  group.first = 1;
  group.count = 2;
  PolicyFixture policy(config);
  for (const char* name : {"first", "vendor"})
    policy.script(name, std::vector<Scripted>(4, Scripted(Answer::json(500, "{}"))));
  config.retry.max_attempts = 4;
  REQUIRE(policy.reload(config));
  const PolicyAnswer answer = policy.ask({.model = "fast"});
  CHECK(answer.provider == "last");
  CHECK(answer.attempts == 4);
  CHECK(policy.sent("first").size() == 1);
  CHECK(keys_sent(policy).size() == 2);
}
