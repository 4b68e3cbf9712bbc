// Targets that do far worse than the others of their route: tried after them, for a while.
#include "gateway/testing/policy_fixture.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

// Two targets in turn; what is tried once is not tried elsewhere, so that each answers for itself.
Config two_in_turn() {
  Config config;
  config.routes = {route("fast", {"good", "bad"}, per_million("1", "2"))};
  config.routes[0].strategy = Strategy::weighted;
  config.retry.max_attempts = 1;
  return config;
}

// Two of three fail, never five in a row.
void fail_often(PolicyFixture& policy) {
  std::vector<Scripted> answers;
  for (int i = 0; i < 300; ++i) answers.emplace_back(i % 3 == 0 ? chat_answer() : Answer::json(500, "{}"));
  policy.script("bad", std::move(answers));
}

std::size_t asked_of_bad(PolicyFixture& policy, int requests) {
  const std::size_t before = policy.sent("bad").size();
  for (int i = 0; i < requests; ++i) {
    static_cast<void>(policy.ask({.model = "fast"}));
    policy.advance(100ms);
  }
  return policy.sent("bad").size() - before;
}

const TargetHealthView& view_of(const std::vector<TargetHealthView>& all, std::string_view provider) {
  for (const TargetHealthView& each : all) {
    if (each.provider == provider) return each;
  }
  throw std::out_of_range("no such provider");
}

}  // namespace

TEST_CASE("a target that fails far more often than its sibling rests, and longer each time", "[proxy][outliers]") {
  PolicyFixture policy(two_in_turn());
  fail_often(policy);
  CHECK(asked_of_bad(policy, 60) >= 20);
  CHECK(asked_of_bad(policy, 100) == 0);
  const auto health = policy.core().health(policy.timer().now());
  CHECK(view_of(health, "bad").outlier == Outlier::errors);
  CHECK(view_of(health, "bad").resting > 0s);
  CHECK(view_of(health, "bad").state == BreakerState::closed);
  CHECK(view_of(health, "good").resting == 0s);
  CHECK(policy.core()
            .metrics(policy.timer().now(), policy.timer().wall())
            .find(R"(gateway_target_outlier{provider="bad",model="fast",why="errors"} 1)") != std::string::npos);
  policy.advance(30s);
  CHECK(asked_of_bad(policy, 60) >= 20);  // it is back
  policy.advance(40s);
  CHECK(asked_of_bad(policy, 50) == 0);  // for a minute now
  policy.advance(30s);
  policy.script("bad", {});
  CHECK(asked_of_bad(policy, 400) > 180);  // it works again
}

TEST_CASE("a target that rests is still tried when the others fail", "[proxy][outliers]") {
  Config config = two_in_turn();
  PolicyFixture policy(config);
  fail_often(policy);
  static_cast<void>(asked_of_bad(policy, 60));
  CHECK(asked_of_bad(policy, 10) == 0);
  config.retry.max_attempts = 2;
  REQUIRE(policy.reload(config));
  policy.script("good", {Answer::json(500, "{}")});
  policy.script("bad", {chat_answer()});
  const PolicyAnswer answer = policy.ask({.model = "fast"});
  CHECK(answer.status == 200);
  CHECK(answer.provider == "bad");
}

TEST_CASE("what one project alone sees rests no target for others", "[proxy][outliers]") {
  Config config = two_in_turn();
  config.projects.emplace_back().name = "demo";
  config.projects.emplace_back().name = "other";
  PolicyFixture policy(config);
  std::size_t seen = 0;
  for (int i = 0; i < 100; ++i) {
    // About one of two requests goes to each target.
    for (const char* project : {"demo", "other"}) {
      const bool works = i % 3 == 0 || std::string_view(project) == "other";
      policy.script("bad", {works ? chat_answer() : Answer::json(500, "{}")});
      const std::size_t before = policy.sent("bad").size();
      for (int each = 0; each < 2; ++each) static_cast<void>(policy.ask({.model = "fast", .project = project}));
      seen += policy.sent("bad").size() - before;
    }
    policy.advance(100ms);
  }
  CHECK(seen > 180);
  CHECK(view_of(policy.core().health(policy.timer().now()), "bad").resting == 0s);
}

TEST_CASE("slowness rests a target if that is asked for", "[proxy][outliers]") {
  for (const double slower_than : {0.0, 3.0}) {
    Config config = two_in_turn();
    config.outliers.slower_than = slower_than;
    PolicyFixture policy(config);
    policy.script("good", std::vector<Scripted>(300, {chat_answer(), 100ms}));
    policy.script("bad", std::vector<Scripted>(300, {chat_answer(), 500ms}));
    static_cast<void>(asked_of_bad(policy, 60));
    CHECK((asked_of_bad(policy, 20) == 0) == (slower_than > 0));
    CHECK((view_of(policy.core().health(policy.timer().now()), "bad").outlier == Outlier::slowness) ==
          (slower_than > 0));
  }
}
