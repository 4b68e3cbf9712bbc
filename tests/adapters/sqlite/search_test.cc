// Filters that find little among many rows find what a look at all of them does.
#include <algorithm>
#include <random>

#include "adapters/sqlite/ledger_fixture.h"
#include "gateway/testing/memory_store.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

RequestId id_at(WallTime at, std::mt19937_64& random) {
  RequestId id = request_id(random());
  std::uint64_t millis = static_cast<std::uint64_t>(at.time_since_epoch().count() / 1000);
  for (std::size_t i = 6; i-- > 0; millis >>= 8) id.bytes[i] = static_cast<std::uint8_t>(millis);
  return id;
}

// Some thirty days; what is rare is rare enough to be in few of their quarters of an hour.
std::vector<Row> many_rows(std::mt19937_64& random) {
  constexpr std::uint64_t kRows = 24'000;
  std::vector<Row> rows;
  for (std::uint64_t n = 1; n <= kRows; ++n) {
    const bool stays_open = random() % 3000 == 0;
    Row row = stays_open ? open_row(n) : settled_row(n);
    row.accepted = kMorning + milliseconds(n * 110'000 + random() % 100'000);
    if (!stays_open) row.ended = row.accepted + milliseconds(random() % 60'000);
    // A body takes a while; and some ids tell another time altogether.
    row.request = id_at(row.accepted - milliseconds(random() % 5000), random);
    if (random() % 2000 == 0) row.request = id_at(kMorning + minutes(random() % 40'000), random);
    const auto rarely = [&random](std::uint64_t one_of) { return random() % one_of == 0; };
    if (rarely(900)) row.project = "rare";
    if (rarely(500)) row.asked_model = "slow";
    if (rarely(700)) row.provider = "local";
    if (rarely(800)) row.key = "key_000000000002";
    if (rarely(700)) row.served_model = "fast-2";
    if (rarely(800)) row.operation = Operation::embeddings;
    if (rarely(400)) row.flags = row_flag::byok;
    row.streamed = rarely(3);
    if (!stays_open && rarely(300)) row.status = 503, row.error_code = "provider_error", row.state = RowState::failed;
    if (!stays_open && rarely(2000)) row.state = RowState::interrupted;
    if (!stays_open && rarely(1500)) row.cost = Money::units(9'000'000'000'000);
    if (!stays_open && rarely(1500)) row.ended = row.accepted + minutes(30);
    rows.push_back(row);
    if (stays_open || !rarely(1000)) continue;
    row.entry = 1;
    row.state = RowState::adjustment;
    row.cost = Money::units(-7);
    rows.push_back(row);
  }
  return rows;
}

RowQuery some_query(std::mt19937_64& random, const std::vector<Row>& rows) {
  RowQuery query;
  const auto chance = [&random](std::uint64_t one_of) { return random() % one_of == 0; };
  const auto any_row = [&]() -> const Row& { return rows[random() % rows.size()]; };
  if (chance(5)) query.project = chance(2) ? "rare" : "blue";
  if (chance(5)) query.model = std::vector<std::string>{"slow", "nothing"};
  if (chance(6)) query.provider = "local";
  if (chance(8)) query.key = "key_000000000002";
  if (chance(8)) query.served_model = "fast-2";
  if (chance(8)) query.operation = Operation::embeddings;
  if (chance(8)) query.flags_any = row_flag::byok;
  if (chance(8)) query.streamed = chance(2);
  if (chance(8)) query.status = {{500, 599}};
  if (chance(8)) query.code = "provider_error";
  if (chance(6)) query.state = std::vector{RowState::interrupted, chance(2) ? RowState::open : RowState::adjustment};
  if (chance(6)) query.min_cost = Money::units(chance(2) ? 8'000'000'000'000 : 90'000'000'000'000);
  if (chance(6)) query.min_duration = chance(2) ? minutes(29) : minutes(99);
  if (chance(4)) query.since = any_row().accepted;
  if (chance(4)) query.until = any_row().accepted;
  if (chance(6)) query.before = RowName{any_row().request, 1, 0};
  if (chance(8)) query.after = any_row().request;
  query.newest_first = chance(2);
  query.limit = chance(3) ? 0 : static_cast<std::int64_t>(1 + random() % 400);
  return query;
}

TEST_CASE("searches skip no row that matches", "[sqlite][rows]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  testing::MemoryStore plain;
  std::mt19937_64 random(20261129);
  const std::vector<Row> rows = many_rows(random);
  for (std::size_t i = 0; i < rows.size(); i += 3000) {
    const std::vector<Row> some(rows.begin() + static_cast<std::ptrdiff_t>(i),
                                rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), i + 3000)));
    REQUIRE(append(*store, some));
    REQUIRE(append(plain, some));
  }
  std::size_t found_some = 0;
  for (int i = 0; i < 400; ++i) {
    const RowQuery query = some_query(random, rows);
    const auto found = all_rows(*store, query), expected = all_rows(plain, query);
    CAPTURE(i, found.size(), expected.size());
    REQUIRE(std::equal(found.begin(), found.end(), expected.begin(), expected.end(), same_row));
    if (!found.empty()) ++found_some;
  }
  CHECK(found_some > 100);
  CHECK(verify_ledger(directory.file("gateway.db"))->findings == std::vector<std::string>{});
}

TEST_CASE("a row that is open, then closed, is found by how long it took and what it cost", "[sqlite][rows]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  std::mt19937_64 random(3);
  std::vector<Row> rows = many_rows(random);
  Row first = settled_row(1);
  first.accepted = kMorning;
  first.request = id_at(kMorning, random);
  Row open = first;
  open.state = RowState::open;
  open.ended = {};
  open.cost = {};
  rows.push_back(open);
  REQUIRE(append(*store, rows));
  RowQuery query;
  query.min_duration = minutes(500);
  CHECK(all_rows(*store, query).empty());
  first.ended = first.accepted + minutes(501);
  first.cost = Money::units(20'000'000'000'000);
  REQUIRE(append(*store, {first}));
  CHECK(all_rows(*store, query).size() == 1);
  query.min_duration.reset();
  query.min_cost = first.cost;
  CHECK(all_rows(*store, query).size() == 1);
}

}  // namespace
}  // namespace gateway
