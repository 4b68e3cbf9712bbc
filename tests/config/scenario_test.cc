#include <fstream>
#include <iterator>

#include "config/scenario_sections.h"
#include "config/support.h"
#include "gateway/yaml_scenario.h"
#include "support/source_dir.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

constexpr const char* kConfig =
    "providers: {first: {type: openai, api_key: '${KEY}'}, second: {type: openai, api_key: none}}\n"
    "models: {fast: {targets: [{provider: first}]}}\nprojects: {demo: {}}\n";

ScenarioReading read(std::string_view yaml, std::string* loaded = nullptr) {
  return read_scenario_text(yaml, "folder/s.yaml", {}, [&](const std::string& path, const Environment& environment) {
    if (loaded != nullptr) *loaded = path;
    return read_config_text(kConfig, path, environment);
  });
}

sim::Scenario good_scenario(std::string_view yaml) {
  ScenarioReading reading = read(yaml);
  for (const ConfigMistake& mistake : reading.mistakes) FAIL_CHECK(mistake.to_string());
  return std::move(reading.scenario);
}

std::vector<std::string> mistakes_in(std::string_view yaml) {
  std::vector<std::string> lines;
  for (const ConfigMistake& mistake : read(yaml).mistakes) lines.push_back(mistake.to_string());
  return lines;
}

const std::string kTraffic = "config: c.yaml\ntraffic: [{model: fast, every: 1s}]\n";

}  // namespace

TEST_CASE("a scenario is read with all that it says", "[config][scenario]") {
  const sim::Scenario scenario = good_scenario(R"(
name: a storm
config: c.yaml
environment: {KEY: sk-x}
seed: 9
start: 2026-03-31T22:00:00Z
length: 1h
bucket: 1m
traffic:
  - {name: chat, project: demo, model: fast, per_second: 4, arrivals: random, input_tokens: 10..20, output_tokens: 5,
     max_tokens: 30, stream: true, headers: {x-team: a}, from: 1s, until: 2m}
  - {model: fast, operation: embeddings, at: [3s, 1s]}
providers:
  first:
    latency: {median: 400ms, p99: 3s}
    tokens_per_second: 50
    errors: {503: 5%, 500: 0.001}
    breaks: 0.5%
    phases:
      - {from: 1m, until: 2m, errors: {429: 100%}, retry_after: 1500ms}
      - {from: 3m, outage: hanging}
  first/large: {latency: 100ms..200ms, only_key: sk-y}
changes: [{at: 30m, config: other.yaml}]
expect:
  - {name: nearly all, status: 2xx, share: 99%.., requests: 5..}
  - {provider: first, from: 1m, spend: ..0.50}
  - {p95: 100ms..2s}
never: [{project: demo, provider: second}, {code: model_not_found}]
)");
  CHECK(scenario.name == "a storm");
  CHECK(scenario.config.providers.at(0).api_key.reveal() == "sk-x");
  CHECK(scenario.seed == 9);
  CHECK(scenario.start == WallTime(std::chrono::sys_days{std::chrono::year{2026} / 3 / 31} + 22h));
  CHECK(scenario.length == 1h);
  CHECK(scenario.bucket == 1min);
  REQUIRE(scenario.traffic.size() == 2);
  const sim::Traffic& chat = scenario.traffic[0];
  CHECK(chat.every == 250ms);
  CHECK(chat.random);
  CHECK(chat.stream);
  CHECK(chat.input_tokens.least == 10);
  CHECK(chat.input_tokens.most == 20);
  CHECK(chat.output_tokens.most == 5);
  CHECK(chat.max_tokens == 30);
  CHECK(chat.headers.at(0).second == "a");
  CHECK(chat.until == 2min);
  CHECK(scenario.traffic[1].operation == Operation::embeddings);
  CHECK(scenario.traffic[1].at == std::vector<Duration>{1s, 3s});
  REQUIRE(scenario.providers.size() == 2);
  const sim::ProviderScript& first = scenario.providers[0];
  CHECK(first.usual.latency.shape == sim::Latency::Shape::lognormal);
  CHECK(first.usual.errors.at(0).millionths == 50'000);
  CHECK(first.usual.errors.at(1).millionths == 1'000);
  CHECK(first.usual.breaks == 5'000);
  REQUIRE(first.phases.size() == 2);
  CHECK(first.phases[0].behaviour.errors.at(0).status == 429);
  CHECK(first.phases[0].behaviour.retry_after == 2s);
  CHECK(first.phases[0].behaviour.tokens_per_second == 50);  // as outside of it
  CHECK(first.phases[1].behaviour.outage == sim::Outage::hanging);
  CHECK(first.phases[1].behaviour.errors.size() == 2);
  CHECK(scenario.providers[1].model == "large");
  CHECK(scenario.providers[1].usual.only_key == "sk-y");
  REQUIRE(scenario.changes.size() == 1);
  CHECK(scenario.changes[0].at == 30min);
  REQUIRE(scenario.expectations.size() == 6);
  CHECK(scenario.expectations[0].measure == sim::Measure::requests);
  CHECK(scenario.expectations[1].measure == sim::Measure::share);
  CHECK(scenario.expectations[1].range.least == 990'000);
  CHECK(scenario.expectations[1].filter.status->last == 299);
  CHECK(scenario.expectations[2].range.most == 500'000'000'000);
  CHECK(scenario.expectations[3].range.least == 100'000'000);
  CHECK(scenario.expectations[4].measure == sim::Measure::attempts);
  CHECK(scenario.expectations[4].range.most == 0);
  CHECK(scenario.expectations[5].measure == sim::Measure::requests);
}

TEST_CASE("a configuration is looked for beside its scenario, and needs no secrets", "[config][scenario]") {
  std::string loaded;
  const ScenarioReading reading = read(kTraffic, &loaded);
  CHECK(reading.mistakes.empty());
  CHECK(loaded == "folder/c.yaml");
  CHECK(reading.scenario.name == "s.yaml");
  CHECK(reading.scenario.config.providers.at(0).api_key.empty());
}

TEST_CASE("mistakes of a scenario are named with their places", "[config][scenario]") {
  const auto one = [](const std::string& more) {
    const auto found = mistakes_in(kTraffic + more);
    INFO(more);
    REQUIRE(found.size() == 1);
    return found[0];
  };
  CHECK(one("lenght: 5m\n") == "folder/s.yaml:3:1: unknown key 'lenght' in the scenario; did you mean 'length'?");
  CHECK(one("providers: {third: {}}\n") ==
        "folder/s.yaml:3:13: under 'providers': expected the name of a provider of the configuration, found 'third'");
  CHECK(one("providers: {first: {errors: {503: 80%, 500: 30%}}}\n") ==
        "folder/s.yaml:3:29: 'errors' in provider 'first': the shares add up to more than 100%");
  CHECK(one("providers: {first: {errors: {200: 1%}}}\n") ==
        "folder/s.yaml:3:30: 'errors' in provider 'first': expected a status from 400 to 599, found '200'");
  CHECK(one("providers: {first: {phases: [{from: 2m, until: 1m}]}}\n") ==
        "folder/s.yaml:3:30: phase 1 of provider 'first': 'until' is not after 'from'");
  CHECK(one("expect: [{status: 200}]\n") ==
        "folder/s.yaml:3:10: item 1 of expect expects nothing; expected one of requests, attempts, share, spend, p50, "
        "p95, p99");
  CHECK(one("expect: [{share: 120%}]\n") ==
        "folder/s.yaml:3:18: 'share' in item 1 of expect: expected a share such as 100%, or a range such as 99%.. or "
        "40%..60%, found '120%'");
  CHECK(one("never: [{project: nobody}]\n") ==
        "folder/s.yaml:3:19: 'project' in item 1 of never: expected the name of a project of the configuration, found "
        "'nobody'");
  CHECK(one("changes: [{at: 5m}]\n") == "folder/s.yaml:3:11: item 1 of changes: expected both at and config");
  CHECK(mistakes_in("config: c.yaml\ntraffic: [{model: fast}]\n") ==
        std::vector<std::string>{"folder/s.yaml:2:11: item 1 of traffic: expected one of every, per_second and at"});
  CHECK(mistakes_in("traffic: [{model: fast, every: 1s}]\n") ==
        std::vector<std::string>{"folder/s.yaml:1:1: the scenario has no 'config'"});
}

TEST_CASE("mistakes of its configuration are a scenario's too", "[config][scenario]") {
  const auto reading = read_scenario_text(kTraffic, "s.yaml", {}, [](const auto& path, const Environment& environment) {
    return read_config_text("workers: many\n", path, environment);
  });
  REQUIRE(reading.mistakes.size() == 1);
  CHECK(reading.mistakes[0].file == "c.yaml");
  CHECK(read_scenario_file("/nowhere/s.yaml").mistakes.at(0).message == "cannot be opened: No such file or directory");
}

TEST_CASE("every key of a scenario has a meaning", "[config][scenario]") {
  for (const Section* section : kScenarioSections) {
    for (const Keys& part : {section->keys, section->more}) {
      for (const Key& key : part) {
        INFO(section->path << " " << key.name);
        CHECK_FALSE(key.help.empty());
        CHECK_FALSE(key.allowed.empty());
      }
    }
  }
}

TEST_CASE("docs/simulate.md ends with the reference of a scenario's keys", "[config][scenario]") {
  std::ifstream file(source_dir() + "/docs/simulate.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const std::size_t at = document.find("## Every key\n");
  REQUIRE(at != document.npos);
  CHECK(document.substr(at) == scenario_reference());
}
