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
