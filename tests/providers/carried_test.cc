#include "providers/carried.h"

#include <fstream>
#include <sstream>

#include "support/catch.h"
#include "support/source_dir.h"

using namespace gateway;

TEST_CASE("docs/dialects.md has the table of what is carried over", "[providers][carried]") {
  std::ifstream file(source_dir() + std::string("/docs/dialects.md"));
  std::ostringstream text;
  text << file.rdbuf();
  const std::string table = carried_table(anthropic_features());
  INFO(table);
  CHECK(text.str().find(table) != std::string::npos);
}

TEST_CASE("what is dropped is named once, and only if the table allows it", "[providers][carried]") {
  std::string names;
  Dropped dropped(names, anthropic_features());
  for (const char* field : {"seed", "store", "seed", "user"}) dropped.add(field);
  CHECK(names == "seed, store, user");
  CHECK(may_drop(anthropic_features(), "seed"));
  CHECK_FALSE(may_drop(anthropic_features(), "n"));
  CHECK_FALSE(may_drop(anthropic_features(), "tool_choice"));
  CHECK_FALSE(may_drop(anthropic_features(), "whatever"));
}
