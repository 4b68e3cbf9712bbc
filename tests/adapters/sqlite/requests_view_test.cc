// docs/requests.sql: the ledger with texts, as people query it.
#include <sqlite3.h>

#include <fstream>
#include <iterator>

#include "adapters/sqlite/ledger_fixture.h"
#include "support/source_dir.h"

using namespace gateway;

namespace {

// All lines of the answer, columns with bars between them.
std::string ask(sqlite3* db, const std::string& sql) {
  std::string out;
  const auto add = [](void* into, int columns, char** values, char**) {
    std::string& text = *static_cast<std::string*>(into);
    for (int i = 0; i < columns; ++i)
      text += (i > 0 ? "|" : "") + std::string(values[i] != nullptr ? values[i] : "NULL");
    text += '\n';
    return 0;
  };
  char* error = nullptr;
  sqlite3_exec(db, sql.c_str(), add, &out, &error);
  if (error != nullptr) FAIL(error);
  return out;
}

}  // namespace

TEST_CASE("the documented view shows each row with its texts, to readers alone", "[adapters][sqlite]") {
  const TempDirectory directory;
  const std::string path = directory.file("ledger.db");
  const auto store = open_store(path);
  REQUIRE(append(*store, {settled_row(1), settled_row(3), open_row(4)}));

  std::ifstream file(source_dir() + "/docs/requests.sql");
  const std::string script{std::istreambuf_iterator<char>(file), {}};
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  CHECK(ask(db, script).empty());
  CHECK(
      ask(db,
          "SELECT accepted_utc, project, key_id, asked_model, target_model, served_model, provider, endpoint, state, "
          "cost_pico, cost_source, price_version, finish_reason FROM requests ORDER BY accepted") ==
      "2026-11-22 09:00:00|red|key_000000000001|fast|gpt-4o-mini|gpt-4o-mini-2024-07-18|openai|chat|settled|1234567891|"
      "provider|builtin-2026-11|stop\n"
      "2026-11-22 "
      "09:00:00|blue|key_000000000001|fast|gpt-4o-mini|gpt-4o-mini-2024-07-18|openai|chat|settled|1234567891|"
      "provider|builtin-2026-11|stop\n"
      "2026-11-22 09:00:00|red|key_000000000001|fast|gpt-4o-mini||openai|chat|open|0|none|builtin-2026-11|\n");
  CHECK(ask(db, "SELECT count(*) FROM requests") == "3\n");
  sqlite3_close(db);
}
