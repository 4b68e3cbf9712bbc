#include "gateway/simulate.h"

#include "gateway/testing/policy_fixture.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::sim;
using namespace std::chrono_literals;
using gateway::testing::capped_project;
using gateway::testing::per_million;
using gateway::testing::route;
using gateway::testing::usd;

namespace {

ProviderConfig provider(std::string name, ProviderType type = ProviderType::openai) {
  ProviderConfig out;
  out.name = std::move(name);
  out.type = type;
  out.base_url = "http://one.example/v1";  // all at one address: they are told apart all the same
  out.api_key = Secret("sk-" + out.name);
  return out;
}

Scenario scenario() {
  Scenario out;
  out.config.providers = {provider("first"), provider("second")};
  out.config.routes = {route("fast", {"first", "second"}, per_million("1", "2"))};
  out.length = 100s;
  out.traffic = {{.name = "chat", .model = "fast", .every = 1s}};
  return out;
}

Expectation expect(Measure measure, Between range, Filter filter = {}) { return {{}, filter, measure, range}; }

const TargetFigures* target(const Outcome& outcome, std::string_view name) {
  for (const TargetFigures& each : outcome.targets) {
    if (each.provider == name) return &each;
  }
  return nullptr;
}

std::int64_t failures_with(const TargetFigures& figures, std::string_view code) {
  std::int64_t count = 0;
  for (const StatusCount& each : figures.failures) count += each.code == code ? each.count : 0;
  return count;
}

}  // namespace

TEST_CASE("requests come when they are due, and cost what they use", "[sim][simulate]") {
  const Outcome outcome = simulate(scenario()).value();
  CHECK(outcome.requests == 100);
  CHECK(outcome.answered == 100);
  CHECK(outcome.attempts == 100);
  CHECK(outcome.cost == MoneySum(usd("0.03")));  // 100 * (100 * 1 + 100 * 2) / 10^6
  REQUIRE(outcome.targets.size() == 1);
  CHECK(outcome.targets[0].provider == "first");
  CHECK(outcome.targets[0].answered == 100);
  CHECK(outcome.ended == 99s + 300ms);
  CHECK(outcome.p50 >= 300ms);
  CHECK(outcome.p50 < 320ms);
  CHECK(outcome.timeline.size() == 20);
  CHECK(outcome.timeline[3].requests == 5);
  CHECK(outcome.timeline[3].attempts == std::vector<std::int64_t>{5});
}

TEST_CASE("while the first provider refuses connections the second answers, and the first is tried again",
          "[sim][simulate]") {
  Scenario played = scenario();
  played.length = 200s;
  ProviderScript first{.provider = "first"};
  first.phases = {{.from = 20s, .until = 60s, .behaviour = {.outage = sim::Outage::refused}}};
  played.providers = {first};
  played.expectations = {expect(Measure::share, {kAll, kAll}, {.status = StatusRange{200, 200}}),
                         expect(Measure::attempts, {0, 0}, {.provider = "second", .until = 20s}),
                         expect(Measure::requests, {40, 40}, {.provider = "second", .from = 20s, .until = 60s})};
  const Outcome outcome = simulate(played).value();
  CHECK(outcome.answered == 200);
  REQUIRE(target(outcome, "second") != nullptr);
  CHECK(target(outcome, "second")->answered >= 40);
  CHECK(target(outcome, "first")->answered >= 20 + 80);  // a breaker opens for a minute at most
  // The breaker keeps most requests from even trying it.
  CHECK(target(outcome, "first")->attempts - target(outcome, "first")->answered < 20);
  CHECK(outcome.as_expected());
  REQUIRE(outcome.happenings.size() == 2);
  CHECK(outcome.happenings[0].what == "first refuses connections");
  CHECK(outcome.happenings[1].at == 60s);
  CHECK(outcome.happenings[1].what == "first as usual");
}

TEST_CASE("what is expected and does not hold is found, with the first time", "[sim][simulate]") {
  Scenario played = scenario();
  played.expectations = {expect(Measure::attempts, {0, 0}, {.provider = "first", .from = 10s}),
                         expect(Measure::requests, {1, 50}), expect(Measure::spend, {0, usd("0.0299").units()})};
  const Outcome outcome = simulate(played).value();
  REQUIRE(outcome.judgements.size() == 3);
  CHECK_FALSE(outcome.judgements[0].holds);
  CHECK(outcome.judgements[0].first == Duration(10s));
  CHECK(outcome.judgements[0].found == 90);
  CHECK_FALSE(outcome.judgements[1].holds);
  CHECK_FALSE(outcome.judgements[2].holds);
  CHECK_FALSE(outcome.as_expected());
}

TEST_CASE("every way to fail is seen for what it is", "[sim][simulate]") {
  Scenario played = scenario();
  played.config.routes = {route("fast", {"first"}, per_million("1", "2"))};
  played.config.timeouts.first_byte = 5s;
  played.config.timeouts.idle = 5s;
  played.config.retry.max_attempts = 1;
  played.length = 10s;
  Behaviour behaviour;
  int status = 200;
  std::string code;
  bool broken = false;
  SECTION("refused") { behaviour.outage = sim::Outage::refused, status = 502, code = "provider_error"; }
  SECTION("lost") { behaviour.outage = sim::Outage::lost, status = 502, code = "provider_error"; }
  SECTION("hanging") { behaviour.outage = sim::Outage::hanging, status = 504, code = "provider_timeout"; }
  SECTION("stalled streams") {
    behaviour.outage = sim::Outage::stalled, played.traffic[0].stream = true;
    code = "provider_timeout", broken = true;
  }
  SECTION("500") { behaviour.errors = {{500, kAll}}, status = 502, code = "provider_error"; }
  SECTION("400") { behaviour.errors = {{400, kAll}}, status = 400; }
  SECTION("429") {
    behaviour.errors = {{429, kAll}}, behaviour.retry_after = 30s, status = 429, code = "provider_rate_limited";
  }
  SECTION("another key") { behaviour.only_key = "sk-new", status = 502, code = "provider_unavailable"; }
  SECTION("streams that break off") {
    behaviour.breaks = kAll, played.traffic[0].stream = true;
    code = "provider_error", broken = true;
  }
  played.providers = {{.provider = "first", .usual = behaviour}};
  const Outcome outcome = simulate(played).value();
  CHECK(outcome.requests == 10);
  CHECK(outcome.answered == 0);
  // Of the first one; the breaker may answer those that follow.
  bool found = false;
  for (const StatusCount& each : outcome.statuses) {
    INFO(each.status << ' ' << each.code << ' ' << each.broken);
    found = found || (each.status == status && each.code == code && each.broken == broken);
  }
  CAPTURE(status, code, broken, outcome.statuses[0].status, outcome.statuses[0].code, outcome.statuses[0].broken);
  CHECK(found);
}

TEST_CASE("an attempt is answered, lost to a hedge or failed", "[sim][simulate]") {
  Scenario played = scenario();
  played.traffic[0].stream = true;
  SECTION("an error is complete, whatever its status") {
    played.providers = {{.provider = "first", .usual = {.errors = {{404, kAll}}}}};
    const Outcome outcome = simulate(played).value();
    REQUIRE(outcome.targets.size() == 1);
    CHECK(outcome.targets[0].answered == 0);
    REQUIRE(outcome.targets[0].failures.size() == 1);
    CHECK(outcome.targets[0].failures[0].status == 404);
    CHECK_FALSE(outcome.targets[0].failures[0].broken);
  }
  SECTION("a stream that breaks off is a failure of its target") {
    played.providers = {{.provider = "first", .usual = {.breaks = kAll}}};
    const Outcome outcome = simulate(played).value();
    CHECK(target(outcome, "first")->answered == 0);
    std::int64_t broken = 0;
    for (const StatusCount& each : target(outcome, "first")->failures) broken += each.broken ? each.count : 0;
    CHECK(broken == target(outcome, "first")->attempts);
    CHECK(target(outcome, "first")->p95 == Duration(0));
  }
  SECTION("one that was ended for another is neither") {
    played.config.routes[0].hedge = HedgeConfig{.after = 500ms};
    played.providers = {{.provider = "first", .usual = {.latency = {.low = 5s}}}};
    const Outcome outcome = simulate(played).value();
    CHECK(outcome.answered == 100);
    CHECK(target(outcome, "first")->attempts > 50);
    CHECK(target(outcome, "first")->hedges_lost == target(outcome, "first")->attempts);
    CHECK(target(outcome, "first")->answered == 0);
    CHECK(target(outcome, "first")->failures.empty());
    CHECK(target(outcome, "second")->answered == 100);
  }
}

TEST_CASE("what clients were answered is reported, once for each kind of error", "[sim][simulate]") {
  Scenario played = scenario();
  played.config.projects = {capped_project("demo", "1")};
  played.config.projects[0].models = {"smart"};
  const Outcome outcome = simulate(played).value();
  REQUIRE(outcome.statuses.size() == 1);
  CHECK(outcome.statuses[0].count == 100);
  CHECK(outcome.statuses[0].message == "This project may not use the model 'fast'.");
}

TEST_CASE("a model that no configuration serves is a mistake of the scenario", "[sim][simulate]") {
  Scenario played = scenario();
  SECTION("of its traffic") { played.traffic[0].model = "fats"; }
  SECTION("of what it expects") { played.expectations = {expect(Measure::requests, {1, 2}, {.model = "fats"})}; }
  const auto outcome = simulate(played);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().detail == "no configuration of the scenario has the model 'fats'");
}

TEST_CASE("streams last as long as their tokens take, in every dialect", "[sim][simulate]") {
  Scenario played = scenario();
  const auto type = GENERATE(ProviderType::openai, ProviderType::openrouter, ProviderType::anthropic);
  const bool stream = GENERATE(true, false);
  played.config.providers[0].type = type;
  played.traffic[0].stream = stream;
  played.traffic[0].output_tokens = {100, 100};
  played.providers = {{.provider = "first", .usual = {.latency = {.low = 200ms}, .tokens_per_second = 40}}};
  const Outcome outcome = simulate(played).value();
  CHECK(outcome.answered == 100);
  CHECK(outcome.usage.output == 100 * 100);
  CHECK(outcome.usage.input == 100 * 100);
  CHECK(outcome.cost == MoneySum(usd("0.03")));
  CHECK(outcome.ended == 99s + 200ms + 2500ms);
}

TEST_CASE("embeddings are asked for and billed", "[sim][simulate]") {
  Scenario played = scenario();
  played.traffic[0].operation = Operation::embeddings;
  const Outcome outcome = simulate(played).value();
  CHECK(outcome.answered == 100);
  CHECK(outcome.cost == MoneySum(usd("0.01")));
}

TEST_CASE("a reload changes prices from its instant on", "[sim][simulate]") {
  Scenario played = scenario();
  Config dearer = played.config;
  dearer.routes = {route("fast", {"first"}, per_million("2", "4"))};
  played.changes = {{.at = 50s, .name = "dearer.yaml", .config = dearer}};
  const Outcome outcome = simulate(played).value();
  CHECK(outcome.cost == MoneySum(usd("0.045")));
  CHECK(outcome.happenings.at(0).what == "reload of dearer.yaml");
}

TEST_CASE("a cap holds to the last digit, and resets with its period", "[sim][simulate]") {
  Scenario played = scenario();
  played.config.projects = {capped_project("demo", "0.003", Period::day)};
  played.start = std::chrono::sys_days{std::chrono::year{2026} / 3 / 31} + 23h + 59min;
  played.length = 120s;
  played.traffic[0].max_tokens = 100;
  const Outcome outcome = simulate(played).value();
  CHECK(outcome.requests == 120);
  CHECK(outcome.cost <= MoneySum(usd("0.006")));
  CHECK(outcome.cost >= MoneySum(usd("0.0045")));
  const auto refused = outcome.requests - outcome.answered;
  CHECK(refused > 60);
  CHECK(outcome.timeline[10].answered > 0);  // the next day has begun
  CHECK(outcome.timeline[9].answered == 0);
}

TEST_CASE("chance is the seed's alone", "[sim][simulate]") {
  Scenario played = scenario();
  played.traffic[0].random = true;
  played.traffic[0].every = 100ms;
  played.traffic[0].input_tokens = {10, 1000};
  played.providers = {
      {.provider = "first", .usual = {.latency = {Latency::Shape::lognormal, 400ms, 3s}, .errors = {{503, 100'000}}}}};
  const Outcome one = simulate(played).value();
  const Outcome two = simulate(played).value();
  CHECK(one.cost == two.cost);
  CHECK(one.p99 == two.p99);
  CHECK(one.requests == two.requests);
  CHECK(std::abs(one.requests - 1000) < 120);
  REQUIRE(target(one, "first") != nullptr);
  CHECK(failures_with(*target(one, "first"), "provider_error") > 0);
  played.seed = 2;
  CHECK(simulate(played).value().cost != one.cost);
}

TEST_CASE("a name that no configuration has is an error", "[sim][simulate]") {
  Scenario played = scenario();
  SECTION("project") { played.traffic[0].project = "nobody"; }
  SECTION("provider") { played.providers = {{.provider = "nobody"}}; }
  SECTION("expected provider") { played.expectations = {expect(Measure::attempts, {}, {.provider = "nobody"})}; }
  SECTION("expected traffic") { played.expectations = {expect(Measure::attempts, {}, {.traffic = "nobody"})}; }
  SECTION("a configuration that cannot work") { played.config.retry.max_attempts = 0; }
  CHECK_FALSE(simulate(played));
}

TEST_CASE("a simulated provider answers as it always does, unless it is scripted", "[sim][simulate]") {
  Scenario played = scenario();
  played.config.providers[0].type = ProviderType::simulated;
  played.config.providers[0].base_url.clear();
  played.config.routes[0].targets[0].model = "simulated/lorem";
  CHECK(simulate(played).value().answered == 100);
  played.providers = {{.provider = "first", .usual = {.outage = sim::Outage::refused}}};
  const Outcome outcome = simulate(played).value();
  REQUIRE(target(outcome, "second") != nullptr);
  CHECK(target(outcome, "second")->answered == 100);
}

TEST_CASE("a scripted provider of type simulated keeps its own prices", "[sim][simulate]") {
  Scenario played = scenario();
  played.config.providers = {provider("sim", ProviderType::simulated)};
  played.config.routes = {route("simulated/*", {"sim"})};
  played.config.projects = {capped_project("demo", "100")};
  played.traffic[0].model = "simulated/lorem";
  played.traffic[0].max_tokens = 200;
  played.providers = {
      {.provider = "sim", .usual = {.latency = {.low = 2s}, .errors = {{.status = 500, .millionths = 300'000}}}}};
  const Outcome outcome = simulate(played).value();
  CHECK(outcome.answered > 50);
  CHECK(outcome.cost > MoneySum());
  CHECK(outcome.p50 >= 2s);
  CHECK(failures_with(outcome.targets.at(0), "provider_error") > 20);
}

TEST_CASE("requests that name other models are played, and a staged configuration serves its share",
          "[sim][simulate]") {
  Scenario played = scenario();
  played.config.routes = {route("fast", {"first"}, per_million("1", "2")),
                          route("large", {"second"}, per_million("1", "2"))};
  played.traffic[0].models = {"large"};
  played.providers = {{.provider = "first", .usual = {.outage = Outage::refused}}};
  CHECK(target(simulate(played).value(), "second")->answered == 100);

  Scenario staged = scenario();
  staged.traffic[0].every = 100ms;
  Config other = staged.config;
  other.routes = {route("fast", {"second"}, per_million("1", "2"))};
  staged.changes = {{.at = 50s, .name = "other.yaml", .config = other, .share = StagedShare{.percent = 20}},
                    {.at = 80s, .name = "same.yaml", .config = staged.config}};
  const Outcome outcome = simulate(staged).value();
  const std::int64_t second = target(outcome, "second")->attempts;
  CHECK(second > 40);
  CHECK(second < 80);
  CHECK(outcome.answered == 1000);
  CHECK(outcome.happenings.at(0).what == "other.yaml for 20 % of the requests");
}
