#include "base/config_check.h"

#include "config/support.h"

namespace {

using namespace gateway;
using Lines = std::vector<std::string>;

const std::string kBase =
    "providers: {p: {type: simulated}}\n"
    "models: {m: {targets: [{provider: p}]}, 'w/*': {targets: [{provider: p}]}}\n";

Config base() { return good(kBase + "projects: {demo: {}}\n"); }

Lines faults_of(const Config& config) {
  Lines lines;
  for (const ConfigFault& fault : check_config(config)) lines.push_back(fault.message);
  return lines;
}

// What a file says, and the same by hand: both must be refused in the same words.
struct Twin {
  std::string yaml;  // beside kBase, or instead of a part of it
  std::function<void(Config&)> change;
};

std::string file_fault(const std::string& yaml) {
  const Lines found = mistakes_of(yaml);
  REQUIRE(found.size() == 1);
  return found[0].substr(found[0].find(": ") + 2);
}

std::string in_place(std::string yaml, const std::string& old, const std::string& fresh) {
  return yaml.replace(yaml.find(old), old.size(), fresh);
}

TEST_CASE("what is sound has no faults", "[config][check]") {
  CHECK(faults_of(base()).empty());
  CHECK(faults_of(Config{}).empty());
  CHECK(faults_of(default_config(environment_of({{"OPENROUTER_API_KEY", "k"}}))).empty());
}

TEST_CASE("a rule of the file's is refused of a struct too, in the same words", "[config][check]") {
  const auto in_project = [](const std::string& body) { return kBase + "projects: {demo: {" + body + "}}\n"; };
  const auto with_target = [](const std::string& more) {
    return in_place(kBase, "m: {targets: [{provider: p", "m: {targets: [{provider: p, " + more);
  };
  const std::vector<Twin> twins{
      {kBase + "projects: {a b: {}}\n", [](Config& c) { c.projects[0].name = "a b"; }},
      {in_project("models: ['a*b']"), [](Config& c) { c.projects[0].models = {"a*b"}; }},
      {in_project("limits: {requests_per_minute: -1}"),
       [](Config& c) { c.projects[0].limits.requests_per_minute = -1; }},
      {in_project("limits: {tokens_per_minute: 0}"), [](Config& c) { c.projects[0].limits.tokens_per_minute = 0; }},
      {in_project("limits: {concurrent: 0}"), [](Config& c) { c.projects[0].limits.concurrent = 0; }},
      {in_project("limits: {max_output_tokens: -5}"), [](Config& c) { c.projects[0].limits.max_output_tokens = -5; }},
      {in_project("spend: {cap: -1}"),
       [](Config& c) {
         c.projects[0].spend.caps = {{Money::dollars(-1), Period::month, {}}};
       }},
      {in_project("spend: {cap: 1, warn: 101}"),
       [](Config& c) {
         c.projects[0].spend.caps = {{Money::dollars(1), Period::month, {101}}};
       }},
      {in_place(kBase, "providers: {p:", "providers: {'p q':") + "", [](Config& c) { c.providers[0].name = "p q"; }},
      {in_place(kBase, "{m:", "{'a*b':"), [](Config& c) { c.routes[0].pattern = "a*b"; }},
      {in_place(kBase, "{m: {targets: [{provider: p}]}", "{m: {targets: []}"),
       [](Config& c) { c.routes[0].targets.clear(); }},
      {in_place(kBase, "m: {targets: [{provider: p", "m: {targets: [{provider: somebody"),
       [](Config& c) { c.routes[0].targets[0].provider = "somebody"; }},
      {with_target("weight: 0"), [](Config& c) { c.routes[0].targets[0].weight = 0; }},
      {with_target("max_output_tokens: -1"), [](Config& c) { c.routes[0].targets[0].max_output_tokens = -1; }},
      {with_target("model: 'a b'"), [](Config& c) { c.routes[0].targets[0].model = "a b"; }},
      {with_target("timeouts: {idle: 0ms}"),
       [](Config& c) { c.routes[0].targets[0].timeouts.emplace().idle = std::chrono::milliseconds(0); }},
      {kBase + "timeouts: {total: 0ms}\n", [](Config& c) { c.timeouts.total = std::chrono::milliseconds(0); }},
      {kBase + "retry: {max_attempts: 0}\n", [](Config& c) { c.retry.max_attempts = 0; }},
      {kBase + "workers: -1\n", [](Config& c) { c.workers = -1; }},
      {kBase + "server: {max_in_flight: 0}\n", [](Config& c) { c.server.max_in_flight = 0; }},
      {kBase + "server: {max_body: 64MiB, max_buffered: 32MiB}\n",
       [](Config& c) { c.server.max_body = 64 << 20, c.server.max_buffered = 32 << 20; }},
      {kBase + "server: {head_timeout: 0ms}\n",
       [](Config& c) { c.server.head_timeout = std::chrono::milliseconds(0); }},
      {kBase + "listen: nowhere\n", [](Config& c) { c.listen = {"nowhere"}; }},
  };
  for (const Twin& twin : twins) {
    Config config = base();
    twin.change(config);
    const Lines by_hand = faults_of(config);
    INFO(twin.yaml);
    REQUIRE_FALSE(by_hand.empty());
    const std::string by_file =
        twin.yaml.find("'p q'") == std::string::npos && twin.yaml.find("p q") == std::string::npos
            ? file_fault(twin.yaml)
            : by_hand[0];
    CHECK(by_hand[0] == by_file);
  }
}

TEST_CASE("what a file cannot express, or expresses otherwise, is refused of a struct", "[config][check]") {
  const auto fault = [](const std::function<void(Config&)>& change) {
    Config config = base();
    change(config);
    const Lines found = faults_of(config);
    return found.empty() ? std::string() : found[0];
  };
  CHECK(fault([](Config& c) { c.providers.push_back(c.providers[0]); }) == "the key 'p' is given twice");
  CHECK(fault([](Config& c) { c.routes.push_back(c.routes[0]); }) == "the key 'm' is given twice");
  CHECK(fault([](Config& c) { c.projects.push_back(c.projects[0]); }) == "the key 'demo' is given twice");
  CHECK(fault([](Config& c) {
          c.projects[0].spend.caps = {{Money::dollars(1), Period::day, {}}, {Money::dollars(2), Period::day, {}}};
        }) == "'spend' of project 'demo' is a second cap for the period day; expected at most one");
  CHECK_THAT(fault([](Config& c) { c.projects[0].spend.timezone = "Europe/Berlin"; }),
             Catch::Contains("'Europe/Berlin' has no offsets"));
  CHECK(fault([](Config& c) {
          c.projects[0].spend.timezone = "Europe/Berlin";
          c.projects[0].spend.zone = load_zone("Europe/Berlin").value();
        }).empty());
  CHECK_THAT(fault([](Config& c) {
               c.projects[0].spend.timezone = "X";
               c.projects[0].spend.zone = {{std::chrono::sys_seconds(std::chrono::seconds(9)), {}}, {{}, {}}};
             }),
             Catch::Contains("not in the order"));
  CHECK_THAT(fault([](Config& c) { c.routes[0].targets[0].prices.emplace().output = Money::units(-1); }),
             Catch::StartsWith("'output' in 'prices' in target 1 of model 'm': expected USD per token, not negative"));
  CHECK_THAT(fault([](Config& c) {
               PriceOverride half;
               half.utc_start_minute = 5;
               c.routes[0].targets[0].prices.emplace().overrides = {half};
             }),
             Catch::Contains("needs both 'utc_start' and 'utc_end'"));
  CHECK_THAT(fault([](Config& c) { c.retry.budget = std::numeric_limits<double>::quiet_NaN(); }),
             Catch::Contains("'budget'"));
  CHECK_THAT(fault([](Config& c) { c.providers[0].base_url = "ftp://h"; }),
             Catch::Contains("'base_url' in provider 'p'"));
  CHECK_THAT(fault([](Config& c) { c.providers[0].catalogue_every = std::chrono::seconds(-1); }),
             Catch::Contains("catalogue_every"));
  CHECK_THAT(fault([](Config& c) { c.routes[0].sticky.emplace(); }), Catch::Contains("needs the strategy weighted"));
  CHECK_THAT(fault([](Config& c) { c.routes[0].targets.resize(kMaxTargets + 1, c.routes[0].targets[0]); }),
             Catch::Contains("at most 128"));
  CHECK_THAT(fault([](Config& c) { c.routes[0].groups = {{.first = 0, .count = 2}}; }),
             Catch::Contains("follow each other"));
  CHECK_THAT(fault([](Config& c) { c.routes[0].groups = {{.first = 0, .count = 0}}; }),
             Catch::Contains("follow each other"));
  CHECK_THAT(fault([](Config& c) { c.server.tls.certificate = "c.pem"; }), Catch::Contains("needs both"));
}

TEST_CASE("all faults are found, each with the way to it", "[config][check]") {
  Config config = base();
  config.routes[1].targets[0].weight = 0;
  config.projects[0].limits.concurrent = 0;
  const std::vector<ConfigFault> faults = check_config(config);
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].path == Lines{"models", "w/*", "targets", "0", "weight"});
  CHECK(faults[1].path == Lines{"projects", "demo", "limits", "concurrent"});
  CHECK_THAT(expect_sound(config).error().detail, Catch::EndsWith("; and 1 more"));
}

}  // namespace
