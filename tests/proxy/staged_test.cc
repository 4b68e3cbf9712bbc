// A configuration that serves a share of the requests beside the one in force.
#include <map>

#include "gateway/testing/policy_fixture.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

ProjectConfig project(std::string name) {
  ProjectConfig out;
  out.name = std::move(name);
  return out;
}

Config served_by(const std::string& provider) {
  Config config;
  config.routes = {route("fast", {provider}, per_million("1", "2"))};
  for (const char* name : {"old", "new"}) {
    ProviderConfig& each = config.providers.emplace_back();
    each.name = name;
    each.base_url = std::string("http://") + name + ".example/v1";
    each.api_key = Secret("sk");
  }
  config.projects = {project("demo")};
  return config;
}

int by_new(PolicyFixture& policy, int requests) {
  int count = 0;
  for (int i = 0; i < requests; ++i) {
    const PolicyAnswer answer = policy.ask({.model = "fast"});
    CHECK(answer.status == 200);
    const bool is_new = answer.provider == "new";
    CHECK(((answer.rows.at(0).flags & row_flag::staged) != 0) == is_new);
    count += is_new ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("a staged configuration serves its share, until it is in force or taken back", "[proxy][staged]") {
  PolicyFixture policy(served_by("old"));
  CHECK_FALSE(policy.core().stats().staged);
  REQUIRE(policy.core().stage(served_by("new"), {.percent = 10}));
  CHECK(policy.core().stats().staged->percent == 10);
  const int tenth = by_new(policy, 1000);
  CHECK(tenth > 60);
  CHECK(tenth < 140);
  REQUIRE(policy.core().stage(served_by("new"), {.percent = 50}));
  const int half = by_new(policy, 400);
  CHECK(half > 150);
  CHECK(half < 250);
  policy.core().unstage();
  CHECK_FALSE(policy.core().stats().staged);
  CHECK(by_new(policy, 50) == 0);
  REQUIRE(policy.core().stage(served_by("new"), {.percent = 50}));
  REQUIRE(policy.core().reload(served_by("new")));
  CHECK_FALSE(policy.core().stats().staged);
  const PolicyAnswer answer = policy.ask({.model = "fast"});
  CHECK(answer.provider == "new");
  CHECK((answer.rows.at(0).flags & row_flag::staged) == 0);
}

TEST_CASE("by projects: all requests of one are served by the same configuration, also as the share grows",
          "[proxy][staged]") {
  Config config = served_by("old"), next = served_by("new");
  for (int i = 0; i < 60; ++i) config.projects.push_back(project("p" + std::to_string(i)));
  PolicyFixture policy(config);
  std::map<std::string, bool> before;
  for (const int percent : {20, 60}) {
    REQUIRE(policy.core().stage(next, {.percent = percent, .of = StagedShare::Of::projects}));
    int count = 0;
    for (const ProjectConfig& each : config.projects) {
      const bool is_new = policy.ask({.model = "fast", .project = each.name}).provider == "new";
      CHECK((policy.ask({.model = "fast", .project = each.name}).provider == "new") == is_new);
      CHECK((is_new || !before[each.name]));
      before[each.name] = is_new;
      count += is_new ? 1 : 0;
    }
    CHECK(count > percent * 61 / 200);
    CHECK(count < percent * 61 / 50);
  }
}

TEST_CASE("both configurations use one account, under the cap in force", "[proxy][staged]") {
  Config config = served_by("old"), next = served_by("new");
  config.projects = {capped_project("demo", "1")};
  next.projects = {capped_project("demo", "100")};
  PolicyFixture policy(config);
  REQUIRE(policy.core().stage(next, {.percent = 50}));
  Money spent;
  std::map<std::string, int> answered;
  PolicyAnswer answer;
  const std::string body = R"({"model":"fast","max_tokens":100000,"messages":[]})";
  for (int i = 0; i < 60; ++i) {
    for (const char* provider : {"old", "new"}) policy.script(provider, {chat_answer("x", 10, 50'000)});
    answer = policy.ask({.body = body});
    if (answer.status != 200) break;
    ++answered[answer.provider];
    spent = spent.plus_saturated(answer.cost);
  }
  CHECK(answer.code == "request_exceeds_budget");
  CHECK(spent <= usd("1"));
  CHECK(spent > usd("0.7"));
  CHECK(answered.size() == 2);
}

TEST_CASE("what is wrong with a staged configuration stops nobody else", "[proxy][staged]") {
  Config config = served_by("old");
  for (int i = 0; i < 10; ++i) config.projects.push_back(project("p" + std::to_string(i)));
  PolicyFixture policy(config);
  REQUIRE(policy.core().stage(config, {.percent = 50, .of = StagedShare::Of::projects}));
  std::string in, out;
  for (const ProjectConfig& each : config.projects) {
    const bool staged = (policy.ask({.model = "fast", .project = each.name}).rows.at(0).flags & row_flag::staged) != 0;
    (staged ? in : out) = each.name;
  }
  REQUIRE(!in.empty());
  REQUIRE(!out.empty());
  policy.script("old", {Answer::json(401, "{}")});  // as if its key were wrong
  CHECK(policy.ask({.model = "fast", .project = in}).attempts == 1);
  const PolicyAnswer rests = policy.ask({.model = "fast", .project = in});
  CHECK(rests.code == "provider_unavailable");
  CHECK(rests.attempts == 0);
  CHECK(policy.ask({.model = "fast", .project = out}).status == 200);
  // The other way round as well; and what was staged is forgotten with it.
  policy.core().unstage();
  REQUIRE(policy.core().stage(config, {.percent = 50, .of = StagedShare::Of::projects}));
  CHECK(policy.ask({.model = "fast", .project = in}).status == 200);
}

TEST_CASE("a share that is none, or a configuration that cannot work, is refused", "[proxy][staged]") {
  PolicyFixture policy(served_by("old"));
  CHECK_FALSE(policy.core().stage(served_by("new"), {.percent = 0}));
  CHECK_FALSE(policy.core().stage(served_by("new"), {.percent = 100}));
  Config wrong = served_by("new");
  wrong.routes[0].targets[0].provider = "nobody";
  REQUIRE(policy.core().stage(served_by("new"), {.percent = 50}));
  CHECK_FALSE(policy.core().stage(wrong, {.percent = 70}));
  CHECK(policy.core().stats().staged->percent == 50);
}
