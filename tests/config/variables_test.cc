#include "config/variables.h"

#include "config/support.h"

using Lines = std::vector<std::string>;

namespace {

std::string expanded(std::string_view text, const Variables& set) {
  return gateway::variables::expand(text, environment_of(set)).text;
}

}  // namespace

TEST_CASE("variables are replaced inside of a text", "[config][variables]") {
  CHECK(expanded("a${X}b${Y}c", {{"X", "1"}, {"Y", "2"}}) == "a1b2c");
  CHECK(expanded("${X:-else}", {}) == "else");
  CHECK(expanded("${X:-else}", {{"X", ""}}) == "else");
  CHECK(expanded("${X:-}", {}) == "");
  CHECK(expanded("${X:-a:-b, [c] #d}", {}) == "a:-b, [c] #d");
  CHECK(expanded("$X $ $$", {{"X", "1"}}) == "$X $ $$");
  CHECK(expanded("$${X}", {{"X", "1"}}) == "${X}");
  CHECK(expanded("${X}", {{"X", "${Y}"}, {"Y", "2"}}) == "${Y}");
}

TEST_CASE("what begins like a variable and is none is reported", "[config][variables]") {
  for (const std::string text : {"${", "${}", "${1}", "${A", "${A-b}", "${A:-${B}}", "${A:-b", "${ A}"}) {
    const auto expansion = gateway::variables::expand(text, environment_of({{"B", "2"}}));
    CHECK_FALSE(expansion.broken.empty());
  }
}

TEST_CASE("masking keeps length and comes back the same", "[config][variables]") {
  for (const std::string text :
       {"a: ${X:-b, [c] {d # \"e\"}", "{a: ${X}, b: $${Y}}", "${A:-'x\\y: z'}", "no variable"}) {
    const std::string masked = gateway::variables::mask(text);
    CHECK(masked.size() == text.size());
    CHECK(gateway::variables::unmask(masked) == text);
  }
  CHECK(gateway::variables::mask("${A}").find_first_of("{}") == std::string::npos);
}

TEST_CASE("a variable that is not set is a mistake at its own place", "[config][variables][mistakes]") {
  CHECK(mistakes_of("admin_token: ${TOKEN}\ndatabase: \"sqlite:${DIR}/${DIR2}.db\"\n") ==
        Lines{"f:1:14: the environment variable 'TOKEN' is not set; expected it, or a default as in ${TOKEN:-default}",
              "f:2:19: the environment variable 'DIR' is not set; expected it, or a default as in ${DIR:-default}",
              "f:2:26: the environment variable 'DIR2' is not set; expected it, or a default as in ${DIR2:-default}"});
  CHECK(mistakes_of("admin_token: x${1}\n") ==
        Lines{"f:1:15: expected ${NAME} or ${NAME:-default}; a plain ${ is written $${"});
}

TEST_CASE("missing variables are distinguished from mistakes of the file", "[config][variables][mistakes]") {
  const auto reading = gateway::read_config_text("admin_token: ${TOKEN}\nworkers: x\n", "f", environment_of({}));
  REQUIRE(reading.mistakes.size() == 2);
  CHECK(reading.mistakes[0].variable_missing);
  CHECK_FALSE(reading.mistakes[1].variable_missing);
}

TEST_CASE("a database whose place is not known is not the default one", "[config][variables]") {
  CHECK(gateway::read_config_text("database: ${DB}\n", "f", environment_of({})).config.database.empty());
}

TEST_CASE("what a variable holds cannot become YAML, and is not shown", "[config][variables][secrets]") {
  const gateway::Config config = good("admin_token: ${TOKEN}\nproviders: {p: {type: simulated, ca_file: ${FILE}}}\n",
                                      {{"TOKEN", "a: b, {c}, long\"'#"}, {"FILE", "x}, q: {type: openai"}});
  CHECK(config.admin_token.reveal() == "a: b, {c}, long\"'#");
  REQUIRE(config.providers.size() == 1);
  CHECK(config.providers[0].ca_file == "x}, q: {type: openai");
  CHECK(mistakes_of("workers: ${N}\n", {{"N", "hunter2"}}) ==
        Lines{"f:1:10: 'workers' in the configuration: expected a whole number from 0 to 1024, found '${N}' of the "
              "environment"});
}

TEST_CASE("variables work in every style of scalar", "[config][variables]") {
  const gateway::Config config = good(
      "providers:\n  a: {type: simulated, ca_file: ${F}}\n  b: {type: simulated, ca_file: "
      "'${F}'}\n  c: {type: simulated, ca_file: \"${F}\"}\n  d:\n    type: simulated\n    "
      "ca_file: >-\n      ${F}\n",
      {{"F", "x"}});
  for (const auto& provider : config.providers) CHECK(provider.ca_file == "x");
  CHECK(config.providers.size() == 4);
}
