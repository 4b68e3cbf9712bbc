// What explain says of a request is what then happens to it.
#include <algorithm>
#include <random>

#include "gateway/testing/policy_fixture.h"
#include "operations/explain.h"
#include "proxy/core_state.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

constexpr const char* kProviders[] = {"p0", "p1", "p2", "p3", "p4", "p5"};

class Drawn {
 public:
  explicit Drawn(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  std::optional<Condition> condition() {
    Condition when;
    if (one_in(2)) when.metadata = {{"plan", one_in(2) ? "pro" : "*"}};
    if (one_in(4)) when.tags = {"batch", "night"};
    if (one_in(3)) when.projects = {"demo"};
    if (one_in(3)) when.input_tokens_over = static_cast<std::int64_t>(below(40));
    return one_in(3) ? std::optional(when) : std::nullopt;
  }
  std::optional<Canary> canary() {
    if (!one_in(5)) return std::nullopt;
    Canary canary{static_cast<int>(below(10'001)), {}};
    if (one_in(2)) canary.by = Identity{IdentifiedBy::user, {}};
    return canary;
  }
  Strategy strategy() { return static_cast<Strategy>(below(5)); }

  Config config() {
    Config config;
    config.retry.max_attempts = 4;
    for (const char* pattern : {"fast", "other"}) add_route(config, pattern);
    return config;
  }

  void add_route(Config& config, const char* pattern) {
    RouteConfig& route = config.routes.emplace_back();
    route.pattern = pattern;
    route.strategy = strategy();
    if (route.strategy == Strategy::weighted && one_in(2)) route.sticky = Identity{IdentifiedBy::user, {}};
    const std::size_t count = 1 + below(std::size(kProviders));
    for (std::size_t i = 0; i < count; ++i) {
      TargetConfig& target = route.targets.emplace_back();
      target.provider = kProviders[i];
      target.weight = 1 + static_cast<int>(below(4));
      if (!one_in(4)) target.prices = per_million(std::to_string(1 + below(3)), std::to_string(1 + below(9)));
      target.when = condition();
      target.canary = canary();
      if (one_in(5)) target.can = std::uint8_t{0};
      if (one_in(5)) target.context_length = static_cast<std::int64_t>(10 + below(200));
    }
    if (count > 2 && one_in(2)) {
      TargetGroup& group = route.groups.emplace_back();
      group.first = below(2);
      group.count = 1 + below(count - group.first);
      group.strategy = strategy();
      group.weight = 1 + static_cast<int>(below(4));
      group.when = condition();
    }
  }

  std::string body() {
    std::string body =
        R"({"model":"fast","messages":[{"role":"user","content":")" + std::string(below(200), 'a') + "\"}]";
    if (one_in(2))
      body += one_in(2) ? R"(,"metadata":{"plan":"pro","tags":["x","batch"]})" : R"(,"metadata":{"plan":"pro"})";
    if (one_in(2)) body += R"(,"user":"u)" + std::to_string(below(5)) + "\"";
    if (one_in(3)) body += R"(,"max_tokens":)" + std::to_string(below(150));
    if (one_in(2)) body += R"(,"models":["fast","other"])";
    if (one_in(3)) body += R"(,"tools":[{"type":"function","function":{"name":"f"}}])";
    return body + "}";
  }

 private:
  std::minstd_rand random_;
};

std::vector<const operations::ExplainedTarget*> expected_order(const operations::Explanation& explained) {
  std::vector<const operations::ExplainedTarget*> out;
  for (const operations::ExplainedTarget& each : explained.targets) {
    if (each.rejected.empty()) out.push_back(&each);
  }
  return out;
}

// Of the i-th attempt: all of them in turn, those of all models.
const operations::ExplainedTarget& expected_at(const std::vector<const operations::ExplainedTarget*>& order,
                                               std::size_t i) {
  return *order[i % order.size()];
}

}  // namespace

TEST_CASE("explain says which targets are tried, in which order, and what is refused",
          "[operations][explain][random]") {
  int refused = 0, failed_over = 0, other_models = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Drawn drawn(seed);
    const Config config = drawn.config();
    PolicyFixture policy(config);
    for (int request = 0; request < 6; ++request) {
      INFO("seed " << seed << ", request " << request);
      const std::string body = drawn.body();
      const auto snapshot = static_cast<CoreState&>(policy.core()).snapshot();
      const operations::Explanation explained = operations::explain(
          snapshot, snapshot->project("demo")->config, {},
          {.project = "demo", .model = {}, .body = body, .now = policy.timer().wall(), .clock = policy.timer().now()});
      const auto expected = expected_order(explained);
      const bool fails = request == 5;
      for (const RouteConfig& route : config.routes) {
        for (const TargetConfig& target : route.targets) {
          if (fails) {
            policy.script(target.provider, std::vector<Scripted>(4, Scripted(Answer::json(500, "{}"))));
          } else {
            policy.script(target.provider, {Scripted(chat_answer(), std::chrono::milliseconds(1 + drawn.below(50)))});
          }
        }
      }
      const PolicyAnswer answer = policy.ask({.body = body});
      if (explained.refusal) {
        ++refused;
        CHECK(answer.code == explained.refusal->code);
        CHECK(answer.status == explained.refusal->status);
        CHECK(answer.rows.empty());
        CHECK(expected.empty());
        continue;
      }
      REQUIRE_FALSE(expected.empty());
      REQUIRE(answer.rows.size() == (fails ? 4 : 1));
      for (std::size_t i = 0; i < answer.rows.size(); ++i) {
        const operations::ExplainedTarget& each = expected_at(expected, i);
        CHECK(answer.rows[i].provider.str() == each.target->provider);
        CHECK(answer.rows[i].target_model.str() == each.model);
        CHECK(answer.rows[i].hold == each.plan.hold);
        other_models += each.asked == "other" ? 1 : 0;
      }
      failed_over += fails && expected.size() > 1 ? 1 : 0;
    }
  }
  CHECK(refused > 20);
  CHECK(failed_over > 50);
  CHECK(other_models > 50);
}

TEST_CASE("a model that is named beside the body goes before the body's, which needs none", "[operations][explain]") {
  Config config;
  config.routes = {route("fast", {"p0"}, per_million("1", "2")), route("other", {"p1"}, per_million("1", "2"))};
  PolicyFixture policy(config);
  const auto snapshot = static_cast<CoreState&>(policy.core()).snapshot();
  const auto explained = [&](std::string model, std::string body) {
    return operations::explain(snapshot, snapshot->project("demo")->config, {},
                               {.project = "demo", .model = std::move(model), .body = std::move(body)});
  };
  for (const char* body : {R"({"messages":[]})", R"({"model":"fast","messages":[]})"}) {
    INFO(body);
    const operations::Explanation found = explained("other", body);
    CHECK_FALSE(found.refusal);
    CHECK(found.model == "other");
    REQUIRE(found.targets.size() == 1);
    CHECK(found.targets[0].target->provider == "p1");
  }
  const operations::Explanation nameless = explained("", R"({"messages":[]})");
  REQUIRE(nameless.refusal);
  CHECK(nameless.refusal->param == "model");
}

TEST_CASE("targets whose provider has no place for something in the request are rejected as the request rejects them",
          "[operations][explain]") {
  Config config;
  for (const ProviderType type : {ProviderType::anthropic, ProviderType::gemini}) {
    ProviderConfig& provider = config.providers.emplace_back();
    provider.name = type == ProviderType::anthropic ? "claude" : "gemini";
    provider.type = type;
    provider.base_url = "https://" + provider.name + ".example/v1";
    provider.api_key = Secret("sk-" + provider.name);
  }
  config.routes = {route("mixed", {"claude", "gemini", "p0"}, per_million("1", "2")),
                   route("apart", {"claude", "gemini"}, per_million("1", "2"))};
  PolicyFixture policy(config);
  const auto snapshot = static_cast<CoreState&>(policy.core()).snapshot();
  const auto explained = [&](std::string body, Operation operation = Operation::chat) {
    return operations::explain(snapshot, snapshot->project("demo")->config, {},
                               {.project = "demo", .model = {}, .operation = operation, .body = std::move(body)});
  };
  const auto body = [](const std::string& model, const std::string& more) {
    return R"({"model":")" + model + R"(","messages":[{"role":"user","content":"Hello"}])" + more + "}";
  };
  const std::string biased = R"(,"logit_bias":{"5":1})";

  for (const auto& each : explained(body("mixed", "")).targets) CHECK(each.rejected.empty());
  const operations::Explanation found = explained(body("mixed", biased));
  CHECK_FALSE(found.refusal);
  REQUIRE(found.targets.size() == 3);
  CHECK(found.targets[0].rejected.find("logit_bias") != std::string::npos);
  CHECK(found.targets[1].rejected.find("logit_bias") != std::string::npos);
  CHECK(found.targets[2].rejected.empty());
  const PolicyAnswer answer = policy.ask({.body = body("mixed", biased)});
  REQUIRE(answer.rows.size() == 1);
  CHECK(answer.rows[0].provider.str() == found.targets[2].target->provider);

  const operations::Explanation none = explained(body("apart", biased));
  REQUIRE(none.refusal);
  CHECK(none.refusal->code == "unsupported_feature");
  CHECK(none.refusal->message == none.targets.front().rejected);
  const PolicyAnswer refused = policy.ask({.body = body("apart", biased)});
  CHECK(refused.status == none.refusal->status);
  CHECK(refused.code == none.refusal->code);

  const operations::Explanation texts = explained(R"({"model":"apart","input":"Hello"})", Operation::embeddings);
  CHECK_FALSE(texts.refusal);
  REQUIRE(texts.targets.size() == 2);
  CHECK_FALSE(texts.targets[0].rejected.empty());  // claude has none
  CHECK(texts.targets[1].rejected.empty());
}

TEST_CASE("a running server explains what it has seen of its targets", "[operations][explain]") {
  using namespace std::chrono_literals;
  Config config;
  config.routes = {route("fast", {"slow", "quick", "broken"}, per_million("1", "2"))};
  config.routes[0].strategy = Strategy::fastest;
  PolicyFixture policy(config);
  policy.script("broken", {Answer{.status = 429, .headers = {{"retry-after", "30"}}, .body = {"{}"}, .end = {}}});
  policy.script("slow", std::vector<Scripted>(3, Scripted(chat_answer(), 800ms)));
  policy.script("quick", std::vector<Scripted>(3, Scripted(chat_answer(), 100ms)));
  for (int i = 0; i < 4; ++i) CHECK(policy.ask({.model = "fast"}).status == 200);
  auto& core = static_cast<CoreState&>(policy.core());
  const auto explained = operations::explain(core.snapshot(), core.snapshot()->project("demo")->config, {},
                                             {.project = "demo",
                                              .model = "fast",
                                              .body = {},
                                              .now = policy.timer().wall(),
                                              .clock = policy.timer().now(),
                                              .health = &core.breakers});
  CHECK_FALSE(explained.refusal);
  REQUIRE(explained.targets.size() == 3);
  for (const operations::ExplainedTarget& each : explained.targets) {
    INFO(each.target->provider);
    const bool rests = each.target->provider == "broken";
    CHECK((each.rests_for > 20s && each.rests_for <= 30s) == rests);
    CHECK(each.first_event == (rests ? 0ms : each.target->provider == "slow" ? 800ms : 100ms));
    CHECK(each.in_flight == 0);
  }
}
