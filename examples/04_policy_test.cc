// A routing policy under test, offline: what happens to a request when its first provider is down, and when the
// project's money runs out? Time, providers and clients are fakes, so the answer is the same every time and takes no
// time at all.
#include <cstdio>

#include "gateway/testing/policy_fixture.h"

using namespace gateway::testing;

int failures = 0;
void expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "NOT SO", what);
  if (!holds) ++failures;
}

int main() {
  gateway::Config config;
  config.routes = {route("fast", {"first", "second"}, per_million("1", "1"))};
  config.projects = {capped_project("demo", "0.001", gateway::Period::day)};  // a thousand tokens a day
  PolicyFixture policy(config);
  policy.script("first", {Answer::json(503, "{}")});
  policy.script("second", {chat_answer("hi", 300, 400)});

  const PolicyAnswer first = policy.ask({.model = "fast", .max_tokens = 400});
  expect(first.status == 200 && first.provider == "second", "a failing provider is replaced by the next");
  expect(first.attempts == 2 && first.cost == usd("0.0007"), "and only the one that answered is paid");

  policy.advance(std::chrono::minutes(1));  // the first provider is tried again
  const PolicyAnswer second = policy.ask({.model = "fast", .max_tokens = 400});
  expect(second.code == "request_exceeds_budget", "what the day's cap has no room for is refused");
  expect(second.attempts == 0 && policy.sent("first").size() == 1, "and nothing is sent for it");

  policy.advance(std::chrono::hours(24));
  expect(policy.ask({.model = "fast", .max_tokens = 400}).status == 200, "the next day it is admitted");
  return failures;
}
