#include "base/names.h"

#include "base/shell_word.h"
#include "support/catch.h"

using namespace gateway;

TEST_CASE("patterns match a name, a prefix or everything", "[base][names]") {
  REQUIRE(names::matches("fast", "fast"));
  REQUIRE_FALSE(names::matches("fast", "faster"));
  REQUIRE_FALSE(names::matches("fast", "Fast"));
  REQUIRE(names::matches("anthropic/*", "anthropic/claude"));
  REQUIRE_FALSE(names::matches("anthropic/*", "anthropic/"));
  REQUIRE_FALSE(names::matches("anthropic/*", "anthropic"));
  REQUIRE_FALSE(names::matches("anthropic/*", "anthropics/claude"));
  REQUIRE(names::matches("*", "anything/at/all"));
  REQUIRE_FALSE(names::matches("gpt-*", "gpt-4"));
}

TEST_CASE("what a shell would obey is between quotes", "[base][shell]") {
  CHECK(shell_word("openai/gpt-4o-mini") == "openai/gpt-4o-mini");
  CHECK(shell_word("simulated/echo?status=429&retry_after=2") == "'simulated/echo?status=429&retry_after=2'");
  CHECK(shell_word("openai/*") == "'openai/*'");
  CHECK(shell_word("it's $(here)") == R"('it'\''s $(here)')");
  CHECK(shell_word("") == "''");
}
