#include <filesystem>

#include "apps/cli/cli.h"
#include "operations/price_differences.h"
#include "policy/pricing/show_money.h"

using operations::PriceDifference;

namespace {

const char* kOpenAi =
    "providers: {o: {type: openai, api_key: x}, here: {type: openai, base_url: \"http://127.0.0.1:9/v1\"}}\n";

std::string lines_with(const std::string& text, const std::string& word) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    if (line.find(word) != std::string::npos) out += line + '\n';
  }
  return out;
}

Prices with_tiers() {
  Prices p;
  p.input = Money::units(1'000'000);
  p.output = Money::units(2'000'000);
  p.image = Money::parse("0.006").value();
  PriceOverride longer{200'001, {}, {}, {}};
  longer.prices.input = Money::units(3'000'000);
  PriceOverride night{0, 16 * 60 + 30, 30, {}};
  night.prices.output = Money::units(500'000);
  p.overrides = {longer, night};
  return p;
}

Catalogue list_of(Prices prices) {
  Catalogue c;
  c.models.resize(1);
  c.models[0].id = "v/m";
  c.models[0].prices = std::move(prices);
  c.index();
  return c;
}

std::vector<std::string> told(const Catalogue* kept, const Catalogue& now) {
  std::vector<std::string> out;
  for (const PriceDifference& d : operations::differences(kept, now))
    out.push_back(d.model + "|" + d.condition + "|" + d.figure + "|" + d.kept + "|" + d.now + "|" + d.unit);
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("prices in force are listed: a target's own, else its provider's list", "[apps][prices]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   std::string(kOpenAi) +
                       "models:\n"
                       "  fast: {targets: [{provider: o, model: gpt-4o-mini, prices: {input: 0.15, output: "
                       "0.6, image: 0.001}}, {provider: o, model: gpt-4o}]}\n"
                       "  gpt-4o-mini: {targets: [{provider: here}]}\n"
                       "  \"far/*\": {targets: [{provider: here, prices: {request: 2}}]}\n");
  const std::string mini = cli.good("prices list --model gpt-4o-mini --format csv");
  const std::string head =
      "source,provider,model,input,output,cached_input,cache_write,reasoning,request,image,audio,web_search,"
      "audio_output,image_output,service_tiers,";
  CHECK(mini.substr(0, mini.find('@')) ==
        head + "overrides,cache_write_1h,audio_input,image_input,image_output_each,audio_second,character\nconfig");
  CHECK_THAT(mini, Catch::Contains(",o,gpt-4o-mini,0.15,0.6,,,,,0.001,,,,,,,,,,,,\n"));
  CHECK(lines_with(mini, "builtin") == "builtin@2026-11,o,gpt-4o-mini,0.15,0.6,0.075,,,,,,,,,,,,,,,,\n");
  CHECK(lines_with(mini, ",here,").empty());
  CHECK(lines_with(cli.good("prices list --provider here --limit 0 --format csv"), ",here,").substr(0, 7) == "config@");
  CHECK_THAT(cli.good("prices list --provider here --format csv"),
             Catch::EndsWith(",here,far/*,,,,,,2,,,,,,,,,,,,,\n"));
  CHECK_THAT(cli.good("prices list --model far/away --json"), Catch::Contains(R"("model":"far/*","input":null,)"));
  CHECK(lines_with(cli.good("prices list --provider o --limit 0"), " gpt-4o ").substr(0, 7) == "builtin");
  CHECK_THAT(cli.good("prices list --model gpt-4o-mini-2024-07-18 --format csv"),
             Catch::EndsWith("builtin@2026-11,o,gpt-4o-mini-2024-07-18,0.15,0.6,0.075,,,,,,,,,,,,,,,,\n"));
}

TEST_CASE("service tiers and figures per use are listed", "[apps][prices]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   std::string(kOpenAi) +
                       "models: {m: {targets: [{provider: o, prices: {input: 1, output: 2, web_search: 0.01, "
                       "service_tiers: {priority: 2.0, flex: 0.5}}}]}}\n");
  const std::string json = cli.good("prices list --model m --json");
  CHECK_THAT(json, Catch::Contains(R"("web_search":"0.01")"));
  CHECK_THAT(json, Catch::Contains(R"("service_tiers":{"priority":"2","flex":"0.5"})"));
  CHECK_THAT(cli.good("prices list --model m --format csv"), Catch::Contains(",\"priority 2, flex 0.5\",,,,,,,\n"));
}

TEST_CASE("prices of units have columns in tables where a model has them", "[apps][prices]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   std::string(kOpenAi) +
                       "models:\n"
                       "  pictures: {targets: [{provider: here, prices: {image: 0, image_output_each: 0.04}}]}\n"
                       "  voice: {targets: [{provider: here, prices: {character: 0.00001, audio_second: 0.0001}}]}\n"
                       "  texts: {targets: [{provider: here, prices: {input: 1, output: 2}}]}\n");
  const std::string all = cli.good("prices list --provider here");
  CHECK_THAT(lines_with(all, "source"), Catch::EndsWith("image  audio  image_output_each  audio_second  character\n"));
  CHECK_THAT(lines_with(all, "voice"), Catch::EndsWith("0.0001    0.00001\n"));
  CHECK_THAT(lines_with(cli.good("prices list --model texts"), "source"), Catch::EndsWith("image  audio\n"));
  CHECK(lines_with(cli.good("prices list --model pictures --columns model,image"), "model") == "model     image\n");
}

TEST_CASE("tiers and times of day are listed", "[apps][prices][explain]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   "providers: {p: {type: simulated}}\n"
                   "models: {m: {targets: [{provider: p, prices: {input: 1, output: 2, overrides: [{min_prompt_tokens: "
                   "200001, input: 3}, {utc_start: \"16:30\", utc_end: \"00:30\", output: 0.5}]}}]}}\n"
                   "projects: {demo: {}}\n");
  const std::string rules =
      R"("overrides":[{"min_prompt_tokens":200001,"utc_start":null,"utc_end":null,"input":"3","output":null,)"
      R"("cached_input":null,"cache_write":null,"reasoning":null,"request":null,"image":null,"audio":null,)"
      R"("web_search":null,"audio_output":null,"image_output":null},)"
      R"({"min_prompt_tokens":null,"utc_start":"16:30","utc_end":"00:30","input":null,"output":"0.5",)";
  CHECK_THAT(cli.good("prices list --model m --json"), Catch::Contains(rules));
  CHECK_THAT(cli.good("explain --project demo --model m --json"), Catch::Contains(rules));
  CHECK_THAT(cli.good("prices list --model m --format csv"),
             Catch::Contains(",from 200001 tokens: input 3; 16:30-00:30 UTC: output 0.5,,,,,,\n"));
  const std::string table = cli.good("prices list --model m");
  CHECK_THAT(table, Catch::Contains("\n" + std::string(29, ' ') + "from 200001 tokens      3\n"));
  CHECK_THAT(table, Catch::Contains("   16:30-00:30 UTC               0.5\n"));
  CHECK_THAT(cli.good("explain --project demo --model m"), Catch::Contains("from 200001 tokens: input 3\n"));
}

TEST_CASE("a damaged price list is named and left out", "[apps][prices]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   std::string(kOpenAi) + "models: {gpt-4o: {targets: [{provider: o}]}}\n" + "projects: {demo: {}}\n");
  std::filesystem::create_directory("gateway.db.catalogues");
  cli.folder.write("gateway.db.catalogues/openrouter.json", "{garbage");
  for (const char* line : {"prices list --model gpt-4o", "explain --project demo --model gpt-4o"}) {
    const Ran ran = cli(line);
    CHECK(ran.status == 0);
    CHECK_THAT(ran.out, Catch::Contains("builtin@2026-11"));
    CHECK_THAT(ran.err, Catch::Contains("gateway.db.catalogues/openrouter.json holds no price list and is left out: "));
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
  }
}

TEST_CASE("price lists are compared figure by figure and override by override", "[apps][prices]") {
  const Catalogue kept = list_of(with_tiers());
  CHECK(told(&kept, kept).empty());
  CHECK(told(nullptr, kept) == Lines{"v/m||model||listed|"});
  Prices p = with_tiers();
  SECTION("amounts are in each figure's unit") {
    p.input = Money::units(1'500'000);
    p.image = Money::parse("0.007").value();
    p.request = Money{};
    CHECK(told(&kept, list_of(p)) == Lines{"v/m||input|1|1.5|USD per million tokens", "v/m||request||0|USD per request",
                                           "v/m||image|0.006|0.007|USD per image"});
  }
  SECTION("a changed override") {
    p.overrides[0].prices.input = Money::units(30'000'000);
    p.overrides[1].prices.input = Money::units(9'000'000);
    CHECK(told(&kept, list_of(p)) == Lines{"v/m|from 200001 tokens|input|3|30|USD per million tokens",
                                           "v/m|16:30-00:30 UTC|input||9|USD per million tokens"});
  }
  SECTION("another condition is another override") {
    p.overrides[0].min_prompt_tokens = 100;
    CHECK(told(&kept, list_of(p)) ==
          Lines{"v/m|from 200001 tokens|override|listed||", "v/m|from 200001 tokens|input|3||USD per million tokens",
                "v/m|from 100 tokens|override||listed|", "v/m|from 100 tokens|input||3|USD per million tokens"});
  }
  SECTION("their order") {
    std::swap(p.overrides[0], p.overrides[1]);
    CHECK(told(&kept, list_of(p)) ==
          Lines{"v/m||order|from 200001 tokens; 16:30-00:30 UTC|16:30-00:30 UTC; from 200001 tokens|"});
  }
  SECTION("two of one condition") {
    p.overrides.push_back(p.overrides[0]);
    p.overrides[2].prices.input = Money::units(5'000'000);
    CHECK(told(&kept, list_of(p)) ==
          Lines{"v/m|from 200001 tokens|override||listed|", "v/m|from 200001 tokens|input||5|USD per million tokens"});
  }
}

TEST_CASE("explain reports what is wrong with a body, and nothing else", "[apps][explain]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "projects: {demo: {}}\n");
  cli.folder.write("body.json", "{\"model\": \"simulated/echo\", ");
  const Ran ran = cli("explain --project demo --model simulated/echo --body body.json");
  CHECK(ran.status == 1);
  CHECK_THAT(ran.out, Catch::StartsWith("refused  400 invalid_request_error: "));
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 1);
  const Ran json = cli("explain --project demo --model simulated/echo --body body.json --json");
  CHECK_THAT(json.out, Catch::Contains(R"("allowed":null,)"));
}

TEST_CASE("a list without any price is reported", "[apps][prices]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   "providers: {local: {type: openai, base_url: \"http://127.0.0.1:1/v1\", api_key: k}}\n");
  Ran ran = cli("prices list");
  CHECK(ran.status == 0);
  CHECK_THAT(ran.err, Catch::Contains("no prices are known; 'gateway prices refresh'"));
  ran = cli("prices list --model none --json");
  CHECK(ran.out == "[]\n");
  CHECK_THAT(ran.err, Catch::Contains("no prices are known of a model of that name"));
}

TEST_CASE("explain reads no more of a body than a server would take", "[apps][explain]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "server: {max_body: 100KiB}\nprojects: {demo: {}}\n");
  Ran ran = cli("explain --project demo --body /dev/zero");
  CHECK(ran.status == 1);
  CHECK(ran.err == "gateway: '/dev/zero' is larger than server.max_body, 102400 bytes\n");
  ran = cli("explain --project demo --body none.json");
  CHECK(ran.status == 1);
  CHECK(ran.err == "gateway: 'none.json' cannot be read\n");
  ran = cli("explain --project demo --body .");
  CHECK(ran.err == "gateway: '.' cannot be read\n");
  cli.folder.write("large.json", R"({"model":"m","messages":[],"x":")" + std::string(102'400 - 34, 'x') + "\"}");
  CHECK_THAT(cli("explain --project demo --body large.json").err, !Catch::Contains("max_body"));
}
