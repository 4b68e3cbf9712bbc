// A ledger that the build before this one left: fixtures/ledger_version6.bin, written by that build.
#include <sqlite3.h>

#include "adapters/sqlite/ledger_fixture.h"
#include "support/source_dir.h"

namespace gateway {
namespace {

TEST_CASE("a ledger of version 6 is brought up to date, its rows and sums as they were", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::filesystem::copy_file(source_dir() + "/tests/adapters/sqlite/fixtures/ledger_version6.bin", path);
  for (int opening = 0; opening < 2; ++opening) {
    const auto store = open_store(path);
    std::vector<Row> rows;
    REQUIRE(store->rows({.newest_first = false}, [&](const Row& row) { return rows.push_back(row), true; }));
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].operation == Operation::chat);
    CHECK(rows[1].operation == Operation::embeddings);
    for (const Row& row : rows) CHECK(row.surface == SurfaceKind::openai);
    CHECK(rows[0].usage == Usage{101, 20, 3, 40, 5});
    CHECK(rows[1].cost == Money::units(1'234'567'891));
    CHECK(rows[1].generation_id.view() == "gen-2");
    CHECK(rows[2].state == RowState::open);
    const UsageSum sum = total(*store);
    CHECK(sum.attempts == 3);
    CHECK(sum.refused == 3);
    CHECK(sum.usage == Usage{203, 40, 6, 80, 10});
    CHECK(sum.cost == MoneySum(Money::units(2 * 1'234'567'891LL)));
    CHECK(sum.held == MoneySum(Money::units(2'000'000'000)));
  }
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});

  Row image = settled_row(9);
  image.operation = Operation::images;
  REQUIRE(append(*open_store(path), {image}));
  CHECK(total(*open_store(path)).usage.images == image.usage.images);
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});
}

TEST_CASE("a ledger of version 7 gets sums by day, which are those of its rows", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::filesystem::copy_file(source_dir() + "/tests/adapters/sqlite/fixtures/ledger_version7.bin", path);
  const auto store = open_store(path);
  MoneySum cost;
  REQUIRE(store->rows({.limit = 0}, [&](const Row& row) { return cost += row.cost, true; }));
  const UsageSum sum = total(*store);
  CHECK(sum.attempts == 60);
  CHECK(sum.cost == cost);
  CHECK(cost != MoneySum{});
  CHECK(sum.last != WallTime{});
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});
  REQUIRE(append(*store, {settled_row(9)}));
  CHECK(total(*store).attempts == 61);
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});
}

TEST_CASE("a ledger of version 9 learns who made its answers", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  Row row = settled_row(1);
  row.surface = SurfaceKind::responses;
  row.generation_id = "resp_1";
  Row chat = settled_row(2);
  chat.project = row.project;
  chat.generation_id = "gen-2";
  REQUIRE(append(*open_store(path), {row, chat}));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, "DROP TABLE answers; PRAGMA user_version = 9", nullptr, nullptr, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_close(db) == SQLITE_OK);
  const auto store = open_store(path);
  CHECK(store->provider_of_answer(row.project.str(), "resp_1").value() == row.provider.str());
  CHECK_FALSE(store->provider_of_answer(row.project.str(), "gen-2").value());
  CHECK(store->verify()->findings == std::vector<std::string>{});
}

}  // namespace
}  // namespace gateway
