// Scenarios as commands play them, and those of examples/scenarios as users are given them.
#include <simdjson.h>

#include <algorithm>

#include "apps/cli/cli.h"
#include "gateway/yaml_scenario.h"
#include "support/source_dir.h"

namespace {

std::vector<std::string> example_scenarios() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() + "/examples/scenarios")) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

void write_small_scenario(const Cli& cli, const std::string& expected) {
  cli.folder.write("gateway.yaml",
                   "providers: {first: {type: openai, api_key: '${KEY}'}, second: {type: openai, api_key: none}}\n"
                   "models: {fast: {targets: [{provider: first, prices: {input: 1, output: 2}}, {provider: second, "
                   "prices: {input: 1, output: 2}}]}}\n");
  cli.folder.write("s.yaml",
                   "name: small <&>\nconfig: gateway.yaml\nlength: 10s\ntraffic: [{model: fast, every: 1s}]\n"
                   "providers: {first: {phases: [{from: 5s, outage: refused}]}}\nexpect: [" +
                       expected + "]\n");
}

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("every example scenario comes out as it expects", "[apps][simulate]") {
  const auto files = example_scenarios();
  CHECK(files.size() >= 8);
  for (const std::string& file : files) {
    INFO(file);
    Cli cli;
    const Ran ran = cli({"simulate", file});
    INFO(ran.out << ran.err);
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out.find("\nexpected\n") != ran.out.npos);
    // It would fail if something else came out: without its expectations' providers being as they are.
    CHECK(ran.out == cli({"simulate", file}).out);
  }
}

TEST_CASE("an example's expectations are not such as hold of anything", "[apps][simulate]") {
  for (const std::string& file : example_scenarios()) {
    INFO(file);
    ScenarioReading reading = read_scenario_file(file);
    REQUIRE(reading.mistakes.empty());
    // A world in which every provider is down.
    for (const ProviderConfig& provider : reading.scenario.config.providers) {
      sim::ProviderScript down;
      down.provider = provider.name;
      down.usual.outage = sim::Outage::refused;
      std::erase_if(reading.scenario.providers, [&](const auto& each) { return each.provider == provider.name; });
      reading.scenario.providers.push_back(down);
    }
    CHECK_FALSE(sim::simulate(reading.scenario).value().as_expected());
  }
}

TEST_CASE("a simulation is printed with its targets, its timeline and what was expected", "[apps][simulate]") {
  Cli cli;
  write_small_scenario(cli, "{status: 200, share: 100%}, {provider: second, attempts: 5}");
  const std::string out = cli.good("simulate s.yaml");
  CHECK(out.starts_with("small <&>: 10 requests, 10 answered (100 %), "));
  CHECK(out.find("first fast") != out.npos);
  CHECK(out.find("      5s  -- first refuses connections\n") != out.npos);
  CHECK(out.find("      ok  share of status 200: 100 %: found 100 %\n") != out.npos);
}

TEST_CASE("a simulation shows what clients were answered", "[apps][simulate]") {
  Cli cli;
  write_small_scenario(cli, "{status: 502, requests: 0}");
  cli.folder.write("gateway.yaml",
                   "providers: {first: {type: openai, api_key: none}, second: {type: openai, api_key: none}}\n"
                   "models: {fast: {targets: [{provider: first}]}}\nprojects: {demo: {models: [slow]}}\n");
  CHECK_THAT(cli("simulate s.yaml").out,
             Catch::Contains("      10  403 model_not_allowed: This project may not use the model 'fast'.\n"));
  CHECK_THAT(cli("simulate s.yaml --json").out,
             Catch::Contains(R"("message":"This project may not use the model 'fast'.")"));
}

TEST_CASE("what does not hold is a finding, in every format", "[apps][simulate]") {
  Cli cli;
  write_small_scenario(cli, "{status: 200, share: 100%}, {provider: second, attempts: 0}, {spend: ..0.0001}");
  const Ran ran = cli("simulate s.yaml --junit report.xml --svg picture.svg");
  CHECK(ran.status == 1);
  CHECK(ran.err.empty());
  CHECK(ran.out.find("  NOT SO  attempts of provider second: 0: found 5, first at 5.3s\n") != ran.out.npos);
  const std::string report = text_of("report.xml");
  CHECK(report.find("<testsuite name=\"small &lt;&amp;&gt;\" file=\"s.yaml\" tests=\"3\" failures=\"2\">") !=
        report.npos);
  CHECK(report.find("<failure message=\"found 5, first at 5.3s\"/>") != report.npos);
  const std::string picture = text_of("picture.svg");
  CHECK(picture.starts_with("<svg "));
  CHECK(picture.ends_with("</svg>\n"));
  CHECK(picture.find("first refuses connections") != picture.npos);

  const Ran as_json = cli("simulate s.yaml s.yaml --json");
  CHECK(as_json.status == 1);
  simdjson::dom::parser parser;
  const simdjson::padded_string text(as_json.out);
  simdjson::dom::array all;
  REQUIRE(parser.parse(text).get(all) == simdjson::SUCCESS);
  REQUIRE(all.size() == 2);
  const simdjson::dom::element first = all.at(0);
  CHECK(std::string_view(first["cost"]) == "0.003");
  CHECK(bool(first["ok"]) == false);
  CHECK(std::int64_t(first["requests"]) == 10);
  CHECK(first["targets"].get_array().size() == 2);
  CHECK(first["timeline"].get_array().size() == 20);
  CHECK(std::int64_t(first["expected"].at(1)["first_ms"]) == 5300);
}

TEST_CASE("a scenario can be played with another configuration and another seed", "[apps][simulate]") {
  Cli cli;
  write_small_scenario(cli, "{provider: second, requests: 10}");
  CHECK(cli("simulate s.yaml").status == 1);
  cli.folder.write("other.yaml",
                   "providers: {first: {type: openai, api_key: none}, second: {type: openai, api_key: none}}\n"
                   "models: {fast: {targets: [{provider: second, prices: {input: 1, output: 2}}]}}\n");
  cli.good("simulate s.yaml -c other.yaml");
  CHECK(cli.good("simulate s.yaml -c other.yaml --seed 5").find("seed 5;") != std::string::npos);
}

TEST_CASE("mistakes of a scenario are printed with their places, and a call without one is a usage error",
          "[apps][simulate]") {
  Cli cli;
  cli.folder.write("s.yaml", "config: gateway.yaml\ntraffic: [{modle: fast, every: 1s}]\n");
  const Ran ran = cli("simulate s.yaml");
  CHECK(ran.status == 1);
  CHECK(ran.err.find("s.yaml:2:12: unknown key 'modle' in item 1 of traffic; did you mean 'model'?") != ran.err.npos);
  CHECK(ran.err.find("gateway.yaml: cannot be opened") != ran.err.npos);
  CHECK(cli("simulate").status == 2);
  CHECK(cli("simulate a.yaml b.yaml --svg x.svg").status == 2);
}

TEST_CASE("recorded requests are played against a changed configuration", "[apps][simulate]") {
  Cli cli;
  {
    const auto store = cli.store();
    std::vector<Row> rows;
    for (int i = 0; i < 50; ++i) rows.push_back(settled_row(i + 1, cli.now - std::chrono::minutes(60 - i)));
    for (Row& row : rows) {
      row.project = "demo";
      row.asked_model = "fast";
      row.target_model = "mini";
      row.provider = "first";
      row.cost = Money::units(100);
      row.dispatched = row.accepted;
      row.first_byte = row.ended = row.accepted + std::chrono::seconds(1);
    }
    REQUIRE(store->append({.rows = rows, .refusals = {}}));
  }
  cli.folder.write("new.yaml",
                   "providers: {first: {type: openai, api_key: none}, second: {type: openai, api_key: none}}\n"
                   "models: {fast: {targets: [{provider: second, model: mini, prices: {input: 1, output: 2}}]}}\n");
  const std::string out = cli.good("simulate --from-ledger --since 2h -c new.yaml");
  CHECK(out.starts_with("50 requests, accepted from 2026-11-22T12:00:00Z to 2026-11-22T12:49:00Z: 0 as before\n"));
  CHECK(out.find("first mini") != out.npos);
  CHECK(out.find("second mini") != out.npos);
  simdjson::dom::parser parser;
  const simdjson::padded_string text(cli.good("simulate --from-ledger --since 2h -c new.yaml --json"));
  const simdjson::dom::element document = parser.parse(text);
  CHECK(std::int64_t(document["answered_now"]) == 50);
  CHECK(std::string_view(document["cost_was"]) == "0.000000005");
  CHECK(std::string_view(document["cost_now"]) == "0.055");  // 50 * (1000 * 1 + 50 * 2) / 10^6
  cli.folder.write(
      "none.yaml",
      "providers: {first: {type: openai, api_key: none}}\nmodels: {other: {targets: [{provider: first}]}}\n");
  const Ran refused = cli("simulate --from-ledger -c none.yaml");
  CHECK(refused.status == 1);
  CHECK(refused.out.find("404 model_not_found") != refused.out.npos);
  CHECK(cli("simulate --from-ledger --since 1m -c new.yaml").status == 1);
  CHECK(cli("simulate --from-ledger s.yaml -c new.yaml").status == 2);
}

TEST_CASE("diff says how two files differ, and shows no secret", "[apps][diff]") {
  Cli cli;
  cli.folder.write("old.yaml",
                   "providers: {p: {type: openai, api_key: sk-one}}\nmodels: {a: {targets: [{provider: p}]}}\n");
  cli.folder.write("new.yaml",
                   "providers: {p: {type: openai, api_key: sk-two}}\nmodels: {b: {targets: [{provider: p}]}}\n");
  CHECK(cli.good("diff old.yaml old.yaml").empty());
  const Ran ran = cli("diff old.yaml new.yaml");
  CHECK(ran.status == 1);
  CHECK(ran.out ==
        "provider p: API key: another one\nmodel b: added\nmodel b, target p: added\nmodel a: removed\n"
        "model a, target p: removed\n");
  CHECK(cli("diff old.yaml new.yaml --json").out.find("\"secret\":true") != std::string::npos);
  CHECK(cli("diff old.yaml").status == 2);
  CHECK(cli("diff old.yaml nowhere.yaml").status == 1);
}
