// Rows whose homes are one another's: what the order of a batch, replays and other connections must not change.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <tuple>

#include "adapters/sqlite/fault_disk.h"
#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

// Requests of one millisecond with the same home.
Row with_home(Row row, std::uint64_t n, std::uint16_t attempt = 1) {
  row.request = request_id(7 + (n << 17), 5);
  row.attempt = attempt;
  return row;
}

void check_proof(const std::string& path) {
  const auto proof = verify_ledger(path);
  REQUIRE(proof);
  CHECK(proof->findings == std::vector<std::string>{});
}

// In each of these request 2's row id is after that of request 1's second attempt, which leaves it for a moment.
struct Crowd {
  Crowd() { REQUIRE(append(*store, {with_home(settled_row(1), 1), with_home(open_row(1), 1, 2)})); }
  void check_three_closed() {
    CHECK(all_rows(*store).size() == 3);
    CHECK(total(*store).attempts == 3);
    CHECK(total(*store).open == 0);
    CHECK(total(*store).held == MoneySum{});
    MoneySum cost;
    for (int i = 0; i < 3; ++i) cost += settled_row(1).cost;
    CHECK(total(*store).cost == cost);
    check_proof(path);
  }

  TempDirectory directory;
  std::string path = directory.file("gateway.db");
  std::unique_ptr<Store> store = open_store(path);
};

TEST_CASE("open rows one after the other are closed in any order", "[sqlite][places]") {
  Crowd f;
  REQUIRE(append(*f.store, {with_home(open_row(2), 2)}));
  REQUIRE(append(*f.store, {with_home(settled_row(2), 2), with_home(settled_row(1), 1, 2)}));
  f.check_three_closed();
}

TEST_CASE("a row that comes again is not counted again when one before it is closed", "[sqlite][places]") {
  Crowd f;
  REQUIRE(append(*f.store, {with_home(settled_row(2), 2)}));
  REQUIRE(append(*f.store, {with_home(settled_row(2), 2), with_home(settled_row(1), 1, 2)}));
  f.check_three_closed();
}

TEST_CASE("a closed row does not come again as an open one when one before it is closed", "[sqlite][places]") {
  Crowd f;
  REQUIRE(append(*f.store, {with_home(settled_row(2), 2)}));
  REQUIRE(append(*f.store, {with_home(settled_row(1), 1, 2), with_home(open_row(2), 2)}));
  f.check_three_closed();
}

using RowKey = std::tuple<RequestId, std::uint16_t, std::uint16_t>;

// Programs of few homes: nearly every row meets another.
void run_crowded_program(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](std::uint64_t n) { return random() % n; };
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::map<RowKey, Row> expected;
  std::vector<std::unique_ptr<Store>> stores;
  for (int i = 0; i < 2; ++i) stores.push_back(open_store(path));
  for (int step = 0; step < 60; ++step) {
    std::map<RowKey, Row> batch;
    const std::uint64_t size = 1 + pick(8);
    while (batch.size() < size) {
      Row row = pick(3) == 0 ? open_row(pick(9)) : settled_row(pick(9));
      const std::uint64_t low[] = {7, 8, (1 << 17) - 1, 0};
      row.request = request_id(low[pick(4)] + (pick(3) << 17), 5 + pick(2));
      row.attempt = static_cast<std::uint16_t>(pick(2) == 0 ? 1 : 1 + pick(6));
      batch.emplace(RowKey{row.request, row.attempt, row.entry}, row);
    }
    std::vector<Row> rows;
    for (const auto& [key, row] : batch) rows.push_back(row);
    std::shuffle(rows.begin(), rows.end(), random);
    REQUIRE(append(*stores[pick(2)], rows));
    for (const Row& row : rows) {
      const RowKey key{row.request, row.attempt, row.entry};
      const auto there = expected.find(key);
      if (there == expected.end() || there->second.state == RowState::open) expected.insert_or_assign(key, row);
    }
    if (pick(15) == 0) {
      const std::uint64_t which = pick(2);
      stores[which].reset();
      stores[which] = open_store(path);
    }
    if (step % 10 == 9) {
      const auto found = all_rows(*stores[0]);
      REQUIRE(found.size() == expected.size());
      std::size_t i = 0;
      MoneySum cost;
      std::int64_t open = 0;
      for (const auto& [key, row] : expected) {
        // an open row that comes again may be kept or written anew: they are the same but for the generator's number
        const Row& other = found[i++];
        CHECK(other.request == row.request);
        CHECK(other.attempt == row.attempt);
        CHECK(other.state == row.state);
        CHECK((row.state == RowState::open || same_row(other, row)));
        if (row.state == RowState::open)
          ++open;
        else
          cost += row.cost;
      }
      CHECK(total(*stores[1]).cost == cost);
      CHECK(total(*stores[1]).open == open);
      check_proof(path);
    }
  }
}

TEST_CASE("programs of rows that share homes leave each row once", "[sqlite][places]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    run_crowded_program(seed);
  }
}

TEST_CASE("whichever write fails, rows that share homes are each there once", "[sqlite][places][faults]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random(seed);
    const auto pick = [&](std::uint64_t n) { return random() % n; };
    const int codes[] = {SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR_FSYNC};
    const TempDirectory directory;
    const std::string path = directory.file("gateway.db");
    FaultDisk disk;
    std::map<RowKey, RowState> expected;
    const auto store = open_store(path, 5);
    INFO("seed " << seed);
    for (int step = 0; step < 40; ++step) {
      std::map<RowKey, Row> batch;
      const std::uint64_t size = 1 + pick(8);
      while (batch.size() < size) {
        Row row = pick(3) == 0 ? open_row(1) : settled_row(1);
        row.request = request_id(7 + (pick(4) << 17), 5);
        row.attempt = static_cast<std::uint16_t>(1 + pick(6));
        batch.emplace(RowKey{row.request, row.attempt, row.entry}, row);
      }
      std::vector<Row> rows;
      for (const auto& [key, row] : batch) rows.push_back(row);
      std::shuffle(rows.begin(), rows.end(), random);
      sqlite3* other = nullptr;
      const auto kind = pick(4);
      if (kind == 0) disk.fail(static_cast<int>(1 + pick(12)), codes[pick(4)], pick(2) == 0);
      if (kind == 1) {
        REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
        REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
      }
      const bool done = append(*store, rows).has_value();
      if (kind == 1) CHECK_FALSE(done);
      if (other != nullptr) sqlite3_close(other);
      disk.heal();
      if (!done && pick(2) == 0) std::shuffle(rows.begin(), rows.end(), random);
      if (!done) REQUIRE(append(*store, rows));
      for (const Row& row : rows) {
        auto& state = expected.try_emplace({row.request, row.attempt, row.entry}, RowState::open).first->second;
        if (row.state != RowState::open) state = row.state;
      }
    }
    const auto found = all_rows(*store);
    REQUIRE(found.size() == expected.size());
    for (const Row& row : found) CHECK((row.state == expected.at({row.request, row.attempt, row.entry})));
    check_proof(path);
  }
}

TEST_CASE("two connections that insert the same rows at once leave each once", "[sqlite][places][threads]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::vector<std::vector<Row>> batches;
  std::set<RowKey> keys;
  std::mt19937_64 random(5);
  for (int i = 0; i < 150; ++i) {
    std::map<RowKey, Row> batch;
    for (int k = 0; k < 20; ++k) {
      Row row = random() % 2 == 0 ? open_row(1) : settled_row(1);
      row.request = request_id(7 + (random() % 60 << 13), 5 + random() % 3);
      row.attempt = static_cast<std::uint16_t>(1 + random() % 2);
      batch.emplace(RowKey{row.request, row.attempt, row.entry}, row);
    }
    batches.emplace_back();
    for (const auto& [key, row] : batch) batches.back().push_back(row), keys.insert(key);
  }
  const auto first = open_store(path, 10'000), second = open_store(path, 10'000);
  std::atomic<int> failed = 0;
  const auto put = [&](Store& store, std::uint64_t seed) {
    auto mine = batches;
    std::mt19937_64 order(seed);
    for (auto& batch : mine) std::shuffle(batch.begin(), batch.end(), order);
    for (const auto& batch : mine) failed += append(store, batch) ? 0 : 1;
  };
  std::thread other([&] { put(*second, 2); });
  put(*first, 1);
  other.join();
  CHECK(failed == 0);
  CHECK(all_rows(*first).size() == keys.size());
  CHECK(total(*first).attempts == static_cast<std::int64_t>(keys.size()));
  check_proof(path);
}

}  // namespace
}  // namespace gateway
