#include "app/background/token_command.h"

#include "apps/cli/cli.h"

namespace {

using gateway::ErrorCode;
using gateway::TokenCommand;
using gateway::app::make_token;
using gateway::app::read_token;

const gateway::WallTime kNow{std::chrono::seconds(1'700'000'000)};

std::string token_in(std::string_view printed) {
  const auto read = read_token(printed, kNow);
  return read ? std::string(read->key.reveal()) : "";
}

gateway::Result<gateway::app::MadeToken> run(std::vector<std::string> arguments, std::chrono::seconds timeout) {
  TokenCommand command;
  command.run = std::move(arguments);
  command.timeout = timeout;
  return make_token(command, kNow);
}

std::string fault_of(std::vector<std::string> arguments, std::chrono::seconds timeout = std::chrono::seconds(20)) {
  const auto made = run(std::move(arguments), timeout);
  REQUIRE_FALSE(made.has_value());
  return made.error().detail;
}

}  // namespace

TEST_CASE("a token is a line of text, or a member of an object", "[apps][tokens]") {
  CHECK(token_in("ya29.abc\n") == "ya29.abc");
  CHECK(token_in(" ya29.abc \r\n") == "ya29.abc");
  CHECK(token_in(R"({"accessToken":"eyJa","expiresOn":"2026-11-29 12:00:00","tokenType":"Bearer"})") == "eyJa");
  CHECK(token_in(R"({"token":"t-1"})") == "t-1");
  for (const char* none :
       {"", "\n", "{", "{}", R"({"access_token":""})", "two\nlines", "a\x01z", R"({"access_token":7})"}) {
    CAPTURE(none);
    CHECK(token_in(none).empty());
  }
  CHECK(read_token(R"({"access_token":"a","expires_in":3600})", kNow)->lives == std::chrono::seconds(3600));
  CHECK(read_token(R"({"access_token":"a","expires_in":"60"})", kNow)->lives == std::chrono::seconds(60));
  CHECK(read_token(R"({"access_token":"a","expires_on":1700000090})", kNow)->lives == std::chrono::seconds(90));
  CHECK_FALSE(read_token("a", kNow)->lives.has_value());
  CHECK_FALSE(read_token(R"({"access_token":"a","expires_on":1699999999})", kNow).has_value());
  const auto broken = read_token("secret-one\nsecret-two", kNow);
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().detail.find("secret") == std::string::npos);
}

TEST_CASE("what Azure's command prints is read in each of its forms, with the token's end", "[apps][tokens]") {
  // {"typ":"JWT","alg":"RS256"} . {"aud":"https://cognitiveservices.azure.com","exp":1700003600,"name":"a?b>c"}
  const std::string token =
      "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9."
      "eyJhdWQiOiJodHRwczovL2NvZ25pdGl2ZXNlcnZpY2VzLmF6dXJlLmNvbSIsImV4cCI6MTcwMDAwMzYwMCwibmFtZSI6ImE_Yj5jIn0.c2ln";
  const std::string whole = R"({
  "accessToken": ")" + token +
                            R"(",
  "expiresOn": "2023-11-15 00:13:20.000000",
  "expires_on": 1700001800,
  "subscription": "00000000-0000-0000-0000-000000000000",
  "tenant": "00000000-0000-0000-0000-000000000000",
  "tokenType": "Bearer"
}
)";
  const std::string older = R"({"accessToken":")" + token + R"(","expiresOn":"2023-11-15 00:13:20.000000"})";
  const std::pair<std::string, int> forms[] = {
      {whole, 1800}, {older, 3600}, {token + "\n", 3600}, {"\"" + token + "\"\n", 3600}};
  for (const auto& [printed, seconds] : forms) {
    CAPTURE(printed);
    const auto made = read_token(printed, kNow);
    REQUIRE(made.has_value());
    CHECK(made->key.reveal() == token);
    CHECK(made->lives == std::chrono::seconds(seconds));
  }
  CHECK_FALSE(read_token(token, kNow + std::chrono::hours(2)).has_value());  // it has ended
  for (const char* opaque : {"a.b.c", "a.e30.c", "eyJ.!!.c", "ya29.a0", ".."}) {
    CAPTURE(opaque);
    CHECK(token_in(opaque) == opaque);
    CHECK_FALSE(read_token(opaque, kNow)->lives.has_value());
  }
}

TEST_CASE("a program is run as it is named, without a shell", "[apps][tokens]") {
  const auto made = run({"printf", "%s", "$HOME;`id`"}, std::chrono::seconds(20));
  REQUIRE(made.has_value());
  CHECK(made->key.reveal() == "$HOME;`id`");
  CHECK(fault_of({"/nowhere/token-maker"}).find("cannot be run") != std::string::npos);
  CHECK(run({"/nowhere/token-maker"}, std::chrono::seconds(20)).error().code == gateway::ErrorCode::not_found);
  CHECK(fault_of({"sh", "-c", "echo secret; echo first >&2; echo no login >&2; exit 3"}) ==
        "'sh' ended with status 3: no login");
  CHECK(fault_of({"sh", "-c", "kill -9 $$"}) == "'sh' was ended by signal 9");
  CHECK(fault_of({"true"}).find("prints no token") != std::string::npos);
  CHECK(fault_of({"sh", "-c", "sleep 30 & sleep 30"}, std::chrono::seconds(1)) == "'sh' takes more than 1 s");
}

TEST_CASE("what a program leaves running is not waited for", "[apps][tokens]") {
  const auto before = std::chrono::steady_clock::now();
  const auto made = run({"sh", "-c", "sleep 20 & echo token-1"}, std::chrono::seconds(15));
  REQUIRE(made.has_value());
  CHECK(made->key.reveal() == "token-1");
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(10));
}
