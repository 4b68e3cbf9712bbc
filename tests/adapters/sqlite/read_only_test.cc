#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

TEST_CASE("a store opened for reading reports accounts without making them", "[sqlite][accounts]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  const AccountKey key{"red", Period::total, WallTime::min(), WallTime::max()};
  Row row = settled_row(1);
  row.project = "red";
  REQUIRE(append(*store, {row}));
  const auto opened = open_sqlite_store({.path = directory.file("gateway.db"), .read_only = true});
  REQUIRE(opened);
  Store& reader = **opened;
  CHECK(reader.account(1, key)->spent == MoneySum(row.cost));
  REQUIRE(store->lease(1, key, Money::dollars(1), Money::units(5)).value() == Money::units(5));
  CHECK(reader.account(1, key)->own == MoneySum(Money::units(5)));
  CHECK(reader.verify()->accounts == 1);

  CHECK(reader.lease(1, key, Money::dollars(1), Money::units(1)).error().code == ErrorCode::unavailable);
  CHECK(reader.heartbeat(1, kMorning, std::chrono::seconds(1)).error().code == ErrorCode::unavailable);
  CHECK(reader.prune(kMorning, kMorning).error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace gateway
