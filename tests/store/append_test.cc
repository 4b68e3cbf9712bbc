#include "store/backend.h"

namespace gateway {
namespace {

TEST_CASE("a row comes back as it was inserted, to the last byte", "[store][rows]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  Row odd = settled_row(2);
  odd.client_request_id = std::string_view("nul\0 and \xff", 10);
  odd.cost = Money::units(-7);
  odd.accepted = WallTime(std::chrono::microseconds(-1));
  odd.process = ~std::uint64_t{0};
  odd.attempt = 65535;
  odd.entry = 65535;
  odd.state = RowState::adjustment;
  const std::vector<Row> rows{settled_row(1), odd, open_row(3)};
  REQUIRE(append(*store, rows));

  const auto back = all_rows(*store);
  REQUIRE(back.size() == 3);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Row expected = rows[i];
    Row found = back[i];
    CHECK(found.client_request_id == expected.client_request_id);
    CHECK(found.cost == expected.cost);
    CHECK(found.process == expected.process);
    CHECK(found.accepted == expected.accepted);
    CHECK(found.state == expected.state);
    CHECK(found.usage == expected.usage);
    CHECK(found.served_model == expected.served_model);
    CHECK(found.price_version == expected.price_version);
    CHECK(same_row(found, expected));
  }
}

TEST_CASE("rows are there for whoever opens the store next", "[store][rows]") {
  const auto backend = each_backend();
  REQUIRE(append(*backend->open(), {settled_row(1), open_row(2)}));
  const auto store = backend->open();
  CHECK(all_rows(*store).size() == 2);
  CHECK(total(*store).cost == MoneySum(settled_row(1).cost));
}

TEST_CASE("an open row is replaced; any other stays as it is", "[store][rows]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(append(*store, {open_row(1)}));
  CHECK(total(*store).held == MoneySum(open_row(1).hold));
  REQUIRE(append(*store, {settled_row(1)}));
  const UsageSum once = total(*store);
  CHECK(once.open == 0);
  CHECK(once.held == MoneySum{});
  CHECK(once.attempts == 1);
  CHECK(once.cost == MoneySum(settled_row(1).cost));

  Row dearer = settled_row(1);
  dearer.cost = Money::dollars(5);
  REQUIRE(append(*store, {dearer}));
  REQUIRE(append(*store, {open_row(1)}));
  REQUIRE(append(*store, {settled_row(1), settled_row(1)}));
  const UsageSum still = total(*store);
  CHECK(still.cost == once.cost);
  CHECK(still.attempts == 1);
  CHECK(still.usage == once.usage);
  CHECK(same_row(all_rows(*store)[0], settled_row(1)));
}

TEST_CASE("of a batch that is there in part the rest goes in, and counts once", "[store][rows]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(append(*store, {settled_row(1), open_row(2), settled_row(5)}));
  std::vector<Row> batch;
  for (std::uint64_t n = 1; n <= 6; ++n) batch.push_back(settled_row(n));
  batch[3].served_model = "seen nowhere else";  // a name and a kind that come with the batch
  for (int i = 0; i < 2; ++i) {
    REQUIRE(append(*store, batch));
    CHECK(all_rows(*store).size() == 6);
    const UsageSum sum = total(*store);
    CHECK(sum.attempts == 6);
    CHECK(sum.open == 0);
  }
  REQUIRE(append(*store, {settled_row(7), batch[3]}));
  CHECK(total(*store).attempts == 7);
}

TEST_CASE("an adjustment adds its cost and tokens but no attempt", "[store][rows]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  Row correction = settled_row(1);
  correction.entry = 1;
  correction.state = RowState::adjustment;
  correction.cost = Money::units(-234'567'891);
  correction.usage = {-100, 0, 0, -1, 0};
  REQUIRE(append(*store, {settled_row(1), correction}));
  const UsageSum sum = total(*store);
  CHECK(sum.requests == 1);
  CHECK(sum.attempts == 1);
  CHECK(sum.cost == MoneySum(Money::units(1'000'000'000)));
  CHECK(sum.usage == Usage{0, 20, 3, 39, 5, 6, 7, 8, 9});
}

TEST_CASE("costs of any number sum without overflow, negative ones too", "[store][money]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  MoneySum expected;
  for (std::uint64_t n = 1; n <= 40; ++n) {
    Row row = settled_row(3 * n);
    row.cost = n % 4 == 0 ? Money::units(-1) : Money::max();
    expected += row.cost;
    REQUIRE(append(*store, {row}));
  }
  CHECK(total(*store).cost == expected);
  const AccountKey key{"blue", Period::total, WallTime::min(), WallTime::max()};
  const auto account = store->account(1, key);
  REQUIRE(account);
  CHECK(account->spent == expected);
}

TEST_CASE("open rows are found by the process that wrote them", "[store][rows]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  Row mine = open_row(1), other = open_row(2);
  mine.process = 7;
  other.process = ~std::uint64_t{0};
  REQUIRE(append(*store, {mine, other, settled_row(3)}));
  const auto of_7 = store->open_rows(7);
  REQUIRE(of_7);
  REQUIRE(of_7->size() == 1);
  CHECK((*of_7)[0].request == mine.request);
  CHECK(store->open_rows(0)->size() == 2);
  CHECK(store->open_rows(8)->empty());
}

}  // namespace
}  // namespace gateway
