#include "config/support.h"

TEST_CASE("strip takes a prefix of its own pattern, and is used alone", "[config][strip]") {
  const std::string sim = "providers: {sim: {type: simulated}}\n";
  const auto count = [&](const std::string& pattern, const std::string& target) {
    return mistakes_of(sim + "models: {\"" + pattern + "\": {targets: [{provider: sim, " + target + "}]}}\n").size();
  };
  CHECK(count("beta/*", "strip: \"beta/\"") == 0);
  CHECK(count("*", "strip: \"beta/\"") == 0);
  CHECK(count("beta/x/*", "strip: \"beta/\"") == 0);
  CHECK(count("beta/*", "strip: \"alpha/\"") == 1);
  CHECK(count("beta", "strip: \"beta/\"") == 1);
  CHECK(count("beta/*", "strip: \"beta/\", model: m") == 1);
}
