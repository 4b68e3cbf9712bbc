// Somebody's routing policy, tested offline: the provider that fails is replaced by the next.
#include <gateway/testing/policy_fixture.h>

#include <cstdio>

using namespace gateway::testing;

int main() {
  gateway::Config config;
  config.routes = {route("fast", {"first", "second"})};
  PolicyFixture policy(config);
  policy.script("first", {Answer::json(503, "{}")});
  const PolicyAnswer answer = policy.ask({.model = "fast"});
  std::printf("%d from %s\n", answer.status, answer.provider.c_str());
  return answer.status == 200 && answer.provider == "second" && answer.attempts == 2 ? 0 : 1;
}
