#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "adapters/sqlite/fault_disk.h"
#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

constexpr std::uint64_t kProcess = 9;
const AccountKey kTotal{"red", Period::total, WallTime::min(), WallTime::max()};

std::vector<Row> batch_of(std::uint64_t first, std::uint64_t count) {
  std::vector<Row> rows;
  for (std::uint64_t n = first; n < first + count; ++n) rows.push_back(settled_row(n));
  return rows;
}

// Calls until it works: what fails must leave the store so that the same call works once the disk does. `healed` is set
// where it failed.
template <class Call>
void call_until_done(FaultDisk& disk, bool& healed, Call call) {
  if (call()) return;
  REQUIRE(disk.failed());
  disk.heal();
  healed = true;
  REQUIRE(call());
}

// A call that fails may have been done all the same.
bool created(Store& store, const ProjectConfig& project) {
  const auto put = store.put_project(project, nullptr);
  return put || put.error().code == ErrorCode::exists;
}

TEST_CASE("whichever write fails, the call after it sees nothing half done", "[sqlite][faults]") {
  for (const int code : {SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR_FSYNC}) {
    int n = 1;
    for (bool failed = true; failed; ++n) {
      const TempDirectory directory;
      FaultDisk disk;
      {
        const auto store = open_store(directory.file("gateway.db"));
        disk.fail(n, code, false);
        bool healed = false;
        call_until_done(disk, healed, [&] {
          return append(*store, {open_row(1), open_row(2), settled_row(3)}).has_value();
        });
        call_until_done(disk, healed, [&] { return store->account(kProcess, kTotal).has_value(); });
        call_until_done(disk, healed, [&] { return append(*store, {settled_row(1), settled_row(4)}).has_value(); });
        call_until_done(disk, healed,
                        [&] { return store->lease(kProcess, kTotal, Money::dollars(1), Money::units(5)).has_value(); });
        ProjectConfig project;
        project.name = "demo";
        project.models = {"a", "b"};
        call_until_done(disk, healed, [&] { return created(*store, project); });
        call_until_done(disk, healed, [&] { return append(*store, batch_of(2, 6)).has_value(); });
        failed = disk.failed() || healed;
        disk.heal();

        INFO("write " << n << " gave " << code);
        CHECK(all_rows(*store).size() == 7);
        const UsageSum sum = total(*store);
        CHECK(sum.attempts == 7);
        CHECK(sum.open == 0);
        MoneySum expected;
        for (int i = 0; i < 7; ++i) expected += settled_row(1).cost;
        CHECK(sum.cost == expected);
        const auto account = store->account(kProcess, kTotal);
        REQUIRE(account);
        CHECK(account->spent == total(*store, {.project = "red"}).cost);
        CHECK(store->tenants()->projects.size() == 1);
      }
    }
    CHECK(n > 20);
  }
}

TEST_CASE("a full disk refuses rows without losing any, and takes them when there is room", "[sqlite][faults]") {
  const TempDirectory directory;
  FaultDisk disk;
  const auto store = open_store(directory.file("gateway.db"));
  REQUIRE(append(*store, batch_of(1, 10)));
  disk.fail(1, SQLITE_FULL, true);
  for (int i = 0; i < 3; ++i) {
    const auto refused = append(*store, batch_of(11, 10));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unavailable);
    CHECK(refused.error().detail.find("full") != std::string::npos);
  }
  CHECK(total(*store).attempts == 10);
  disk.heal();
  REQUIRE(append(*store, batch_of(11, 10)));
  CHECK(total(*store).attempts == 20);
}

TEST_CASE("a file that may not grow refuses rows until it may", "[sqlite][faults]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  REQUIRE(append(*store, batch_of(1, 10)));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{256 * 1024, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  bool refused = false;
  std::uint64_t next = 11;
  for (int i = 0; i < 50 && !refused; ++i) {
    const auto done = append(*store, batch_of(next, 500));
    refused = !done;
    if (done) next += 500;
  }
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  REQUIRE(refused);
  REQUIRE(append(*store, batch_of(next, 500)));
  CHECK(total(*store).attempts == static_cast<std::int64_t>(next + 499));
  CHECK(all_rows(*store).size() == next + 499);
}

TEST_CASE("a file that became read-only is written again when it may be", "[sqlite][faults]") {
  const TempDirectory directory;
  FaultDisk disk;
  const auto store = open_store(directory.file("gateway.db"));
  disk.fail(1, SQLITE_READONLY, true);
  for (int i = 0; i < 3; ++i) {
    const auto refused = append(*store, {settled_row(1)});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unavailable);
  }
  disk.heal();
  CHECK(append(*store, {settled_row(1)}));
}

TEST_CASE("a database that another holds is waited for, then refused, then written", "[sqlite][faults]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const auto store = open_store(path, 20);
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  for (int i = 0; i < 3; ++i) {
    const auto refused = append(*store, {settled_row(1)});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unavailable);
    CHECK(refused.error().detail.find("locked") != std::string::npos);
  }
  CHECK(total(*store).attempts == 0);  // reading goes on
  REQUIRE(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(append(*store, {settled_row(1)}));
  sqlite3_close(other);
}

TEST_CASE("after a power cut every append that returned success is there", "[sqlite][faults][power]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    const TempDirectory directory;
    const std::string path = directory.file("gateway.db");
    FaultDisk disk;
    std::uint64_t acknowledged = 0;
    {
      const auto store = open_store(path);
      disk.fail(static_cast<int>(20 + random() % 300), SQLITE_IOERR, true);
      while (!disk.failed()) {
        if (append(*store, batch_of(acknowledged + 1, 5))) acknowledged += 5;
        if (random() % 5 == 0) {
          sqlite3* other = nullptr;
          if (sqlite3_open(path.c_str(), &other) == SQLITE_OK) sqlite3_wal_checkpoint(other, nullptr);
          sqlite3_close(other);
        }
      }
      disk.cut_power();
    }
    disk.heal();
    disk.restore(random);
    const auto store = open_store(path);
    const auto rows = all_rows(*store);
    INFO("seed " << seed << ", acknowledged " << acknowledged);
    REQUIRE(rows.size() >= acknowledged);
    CHECK(rows.size() <= acknowledged + 5);
    CHECK(rows.size() % 5 == 0);
    for (std::uint64_t n = 1; n <= acknowledged; ++n) CHECK(rows[n - 1].request == request_id(n));
    CHECK(total(*store).attempts == static_cast<std::int64_t>(rows.size()));
    CHECK(append(*store, batch_of(rows.size() + 1, 5)));
  }
}

}  // namespace
}  // namespace gateway
