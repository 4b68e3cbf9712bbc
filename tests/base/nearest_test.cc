#include "base/nearest.h"

#include <array>

#include "support/catch.h"

TEST_CASE("the nearest word is found, and none if none is near", "[config][nearest]") {
  constexpr std::array<std::string_view, 5> known{"models", "limits", "spend", "max_head", "max_body"};
  CHECK(gateway::nearest("modles", known) == "models");
  CHECK(gateway::nearest("limit", known) == "limits");
  CHECK(gateway::nearest("Spend", known) == "spend");
  CHECK(gateway::nearest("spned", known) == "spend");
  CHECK(gateway::nearest("max-body", known) == "max_body");
  constexpr std::array<std::string_view, 2> alike{"--state", "--status"};
  CHECK(gateway::nearest("--statu", alike) == "--status");
  CHECK(gateway::nearest("timezone", known).empty());
  CHECK(gateway::nearest("", known).empty());
  CHECK(gateway::nearest(std::string(1000, 'x'), known).empty());
}
