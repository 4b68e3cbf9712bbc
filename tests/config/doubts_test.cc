#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/support.h"

namespace {

using Lines = std::vector<std::string>;

Lines texts(const std::vector<gateway::ConfigMistake>& warnings) {
  Lines lines;
  for (const auto& warning : warnings) lines.push_back(warning.to_string());
  return lines;
}

Lines warnings_of(std::string_view yaml, const Variables& variables = {}) {
  const auto reading = gateway::read_config_text(yaml, "f", environment_of(variables));
  for (const auto& mistake : reading.mistakes) FAIL_CHECK(mistake.to_string());
  return texts(reading.warnings);
}

const std::string kSound =
    "providers: {p: {type: openai, base_url: 'http://h/v1', api_key: none}}\n"
    "models: {cheap: {targets: [{provider: p}]}, 'z/*': {targets: [{provider: p}]}}\n";

TEST_CASE("a sound file has no warnings", "[config][doubts]") {
  CHECK(warnings_of(kSound + "projects: {a: {models: [cheap, z/q, 'z/*', 'z/y/*']}, b: {models: '*'}}\n").empty());
  CHECK(warnings_of(kSound + "admin_token: ${TOKEN}\n", {{"TOKEN", "a-long-secret-$WITH-dollars"}}).empty());
}

TEST_CASE("a variable without braces is doubted wherever it is a value", "[config][doubts]") {
  CHECK(warnings_of("admin_token: $GATEWAY_ADMIN_TOKEN\n" + kSound) ==
        Lines{"f:1:14: '$GATEWAY_ADMIN_TOKEN' is text here; a variable of the environment is written "
              "${GATEWAY_ADMIN_TOKEN}"});
  CHECK(warnings_of("database: sqlite:$HOME/x.db\n" + kSound) ==
        Lines{"f:1:11: '$HOME' is text here; a variable of the environment is written ${HOME}"});
  CHECK(warnings_of("admin_token: \"a-password-with$DOLLAR\"\n" + kSound).empty());
}

TEST_CASE("a base URL that ends in an endpoint is doubted", "[config][doubts]") {
  for (const char* endpoint : {"/chat/completions", "/embeddings", "/models", "/completions", "/responses/"}) {
    const Lines found = warnings_of(
        "models: {'*': {targets: [{provider: p}]}}\nproviders:\n  p: {type: openai, api_key: "
        "none, base_url: 'http://h/v1" +
        std::string(endpoint) + "'}\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0] ==
          "f:3:46: 'base_url' in provider 'p' ends in an endpoint, which is appended to it: expected 'http://h/v1'");
  }
}

TEST_CASE("files that a configuration names and that are not there are doubted", "[config][doubts]") {
  CHECK(warnings_of("server: {tls: {certificate: /no/cert.pem, key: /no/key.pem}}\n" + kSound) ==
        Lines{"f:1:29: 'certificate' in server.tls: '/no/cert.pem' cannot be read: No such file or directory",
              "f:1:48: 'key' in server.tls: '/no/key.pem' cannot be read: No such file or directory"});
  CHECK(warnings_of("models: {'*': {targets: [{provider: p}]}}\nproviders: {p: {type: openai, api_key: none, base_url: "
                    "'http://h', ca_file: none.pem}}\n") ==
        Lines{"f:2:77: 'ca_file' in provider 'p': 'none.pem' cannot be read: No such file or directory"});
}

TEST_CASE("a model in a project's list that no route has is doubted", "[config][doubts]") {
  CHECK(warnings_of(kSound + "projects: {demo: {models: [chaep, 'q/*']}, one: {models: other}}\n") ==
        Lines{"f:3:28: 'chaep' in 'models' of project 'demo' is no model of any route; did you mean 'cheap'?",
              "f:3:35: 'q/*' in 'models' of project 'demo' is no model of any route; did you mean 'z/*'?",
              "f:3:58: 'other' in 'models' of project 'one' is no model of any route"});
}

TEST_CASE("a configuration under which nothing can be served is doubted", "[config][doubts]") {
  const Lines empty{"f:1:1: the file is empty: no provider, no model; every request is refused"};
  CHECK(warnings_of("") == empty);
  CHECK(warnings_of("# nothing yet\n\n") == empty);
  CHECK(warnings_of("providers: {s: {type: simulated}}\n") ==
        Lines{"f:1:1: the configuration has no 'models': every request is refused"});
}

TEST_CASE("a secret that is written out in a file that others can read is doubted, and not shown", "[config][doubts]") {
  std::string path = (std::filesystem::temp_directory_path() / "gateway-doubts-XXXXXX").string();
  ::close(::mkstemp(path.data()));
  const auto warnings = [&](const std::string& yaml, unsigned mode) {
    std::ofstream(path) << yaml << "models: {'*': {targets: [{provider: p}]}}\n";
    std::filesystem::permissions(path, std::filesystem::perms(mode));
    return texts(gateway::read_config_file(path, environment_of({{"KEY", "sk-1"}})).warnings);
  };
  const std::string literal = "providers: {p: {type: openrouter, api_key: sk-very-secret}}\n";
  for (const unsigned mode : {0644u, 0640u, 0604u}) {
    const Lines found = warnings(literal, mode);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Catch::StartsWith(path + ":1:44: a secret is written out in a file that others can read"));
    CHECK_THAT(found[0], !Catch::Contains("sk-very-secret"));
  }
  CHECK(warnings(literal, 0600).empty());
  CHECK(warnings("providers: {p: {type: openrouter, api_key: '${KEY}'}}\n", 0644).empty());
  CHECK(warnings("providers: {p: {type: openrouter, api_key: none}}\n", 0644).empty());
  CHECK(warnings("admin_token: sk-very-secret\nproviders: {p: {type: simulated}}\n", 0644).size() == 1);
  CHECK(warnings("providers: {p: {type: openrouter, api_key: none, headers: {authorization: Bearer x}}}\n", 0644)
            .size() == 1);
  std::filesystem::remove(path);
}

}  // namespace
