// What a target's prices and its ways with lengths and usage are, in the file.
#include "config/support.h"

using namespace gateway;

namespace {

std::string with_target(const std::string& more) {
  return "providers: {p: {type: openai, base_url: \"http://h/v1\", ask_usage: never}}\n"
         "models: {m: {targets: [{provider: p, " +
         more + "}]}}\n";
}
TargetConfig target(const std::string& more) { return good(with_target(more)).routes.at(0).targets.at(0); }

}  // namespace

TEST_CASE("prices of units are per unit, and are enough without tokens", "[config][prices]") {
  const Prices p = *target("prices: {image_output_each: 0.04, audio_second: 0.0001, character: 0.000015}").prices;
  CHECK(p.image_output_each == Money::parse("0.04").value());
  CHECK(p.audio_second == Money::parse("0.0001").value());
  CHECK(p.character == Money::parse("0.000015").value());
  CHECK(p.known());
  CHECK_FALSE(p.knows_output());
}

TEST_CASE("prices have tiers and figures per use", "[config][prices]") {
  const Prices p = *target(
                        "prices: {input: 1, output: 2, web_search: 0.01, audio_output: 64, image_output: 30, "
                        "service_tiers: {priority: 2.0, flex: 0.5, batch: 0.333333}}")
                        .prices;
  CHECK(p.web_search == Money::parse("0.01").value());
  CHECK(p.audio_output == Money::parse("0.000064").value());
  CHECK(p.image_output == Money::parse("0.00003").value());
  REQUIRE(p.service_tiers.size() == 3);
  CHECK(p.service_tiers[0].name == "priority");
  CHECK(p.service_tiers[0].millionths == 2'000'000);
  CHECK(p.service_tiers[1].millionths == 500'000);
  CHECK(p.service_tiers[2].millionths == 333'333);
  CHECK(target("prices: {input: 1, output: 2}").prices->service_tiers.empty());
}

TEST_CASE("a tier's factor is above nothing", "[config][prices][mistakes]") {
  for (const char* factor : {"0", "-1", "twice", "1001", "0.1234567"}) {
    INFO(factor);
    const auto lines =
        mistakes_of(with_target(std::string("prices: {input: 1, service_tiers: {priority: ") + factor + "}}"));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("'priority' in 'service_tiers'") != std::string::npos);
    CHECK(lines[0].find("expected a factor above 0, such as 2.0 or 0.5, found '" + std::string(factor)) !=
          std::string::npos);
  }
  CHECK(mistakes_of(with_target("prices: {input: 1, service_tiers: [priority]}")).size() == 1);
}

TEST_CASE("a target names its length field, and whether usage is requested", "[config]") {
  CHECK_FALSE(target("model: x").length_field);
  CHECK_FALSE(target("model: x").ask_usage);
  CHECK(target("length_field: max_tokens").length_field == LengthField::max_tokens);
  CHECK(target("length_field: max_completion_tokens").length_field == LengthField::max_completion_tokens);
  CHECK(target("ask_usage: never").ask_usage == false);
  CHECK(target("ask_usage: always").ask_usage == true);
  CHECK_FALSE(good(with_target("model: x")).providers.at(0).ask_usage);
  CHECK(mistakes_of(with_target("length_field: max")).size() == 1);
  CHECK(mistakes_of(with_target("ask_usage: sometimes")).size() == 1);
}
