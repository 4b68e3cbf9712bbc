#include <algorithm>
#include <random>

#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

TEST_CASE("rows that would lie in the same place are all there, each once", "[sqlite][rows]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const auto store = open_store(path);
  // Sequences that are 2^17 apart have the same home, and attempts that are 4 apart.
  std::vector<Row> rows;
  for (std::uint64_t n = 1; n <= 12; ++n) {
    rows.push_back(n % 4 == 0 ? open_row(n) : settled_row(n));
    rows.back().request = request_id(7 + (n << 17));
    rows.push_back(settled_row(n));
    rows.back().request = request_id(7 + (n << 17));
    rows.back().attempt = 5;
  }
  const auto settle = [](Row row) {
    Row settled = settled_row(1);
    settled.request = row.request, settled.attempt = row.attempt;
    return settled;
  };
  std::shuffle(rows.begin(), rows.end(), std::mt19937(11));
  REQUIRE(append(*store, {rows.begin(), rows.begin() + 5}));
  for (std::size_t i = 0; i < rows.size(); ++i) REQUIRE(append(*store, {rows[i]}));
  REQUIRE(append(*open_store(path), rows));
  CHECK(all_rows(*store).size() == 24);
  CHECK(total(*store).open == 3);
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});

  for (const Row& row : rows) REQUIRE(append(row.attempt == 1 ? *store : *open_store(path), {settle(row)}));
  CHECK(all_rows(*store).size() == 24);
  CHECK(total(*store).open == 0);
  CHECK(total(*store).attempts == 24);
  CHECK(all_rows(*store, {.request = rows[0].request}).size() == 2);
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});
}

TEST_CASE("a row after an open one is found also when that one closes in the same batch", "[sqlite][rows]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const auto store = open_store(path);
  Row open = open_row(1), behind = settled_row(2), closed = settled_row(1);
  open.request = closed.request = request_id(1 << 17);
  behind.request = request_id(2 << 17);
  REQUIRE(append(*store, {open}));
  REQUIRE(append(*open_store(path), {behind}));
  REQUIRE(append(*store, {behind, closed}));
  CHECK(all_rows(*store).size() == 2);
  CHECK(total(*store).open == 0);
  CHECK(total(*store).attempts == 2);
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});
}

TEST_CASE("a batch of any size goes in, with rows of any size", "[sqlite][rows]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const auto store = open_store(path);
  std::vector<Row> rows;
  const std::string longest(128, 'c');
  for (std::uint64_t n = 0; n < 30'000; ++n) {
    Row row = settled_row(n);
    row.request = request_id(n, n / 50);
    row.client_request_id = longest.substr(0, n % 129);
    row.generation_id = longest.substr(0, n % 97);
    row.hold = Money::units(std::int64_t{1} << (n % 63));
    row.cost = row.upstream_cost = Money::units((std::int64_t{1} << (n % 57)) - 1);
    rows.push_back(row);
  }
  for (const std::size_t size : {std::size_t{1}, std::size_t{90}, std::size_t{900}, rows.size()}) {
    REQUIRE(append(*store, {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(size)}));
  }
  const auto found = all_rows(*store);
  REQUIRE(found.size() == rows.size());
  bool same = true;
  for (std::size_t i = 0; i < rows.size(); ++i) same = same && same_row(found[i], rows[i]);
  CHECK(same);
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});
}

TEST_CASE("absurd token counts are clamped, flagged, and cannot spoil a sum", "[sqlite][rows]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  for (std::uint64_t n = 1; n <= 3; ++n) {
    Row row = settled_row(n);
    row.usage.output = std::numeric_limits<std::int64_t>::max();
    REQUIRE(append(*store, {row}));
  }
  CHECK(total(*store).usage.output == 3'000'000'000'000);
  CHECK((all_rows(*store)[0].flags & row_flag::usage_odd) != 0);
}

}  // namespace
}  // namespace gateway
