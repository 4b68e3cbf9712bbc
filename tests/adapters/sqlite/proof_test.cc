#include <sqlite3.h>

#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

using std::chrono::hours;

constexpr std::uint64_t kProcess = 5;
const WallTime kToday = std::chrono::floor<std::chrono::days>(kMorning);

LedgerProof proof(const std::string& path) {
  auto found = verify_ledger(path);
  INFO((found ? std::string() : found.error().detail));
  REQUIRE(found);
  return *found;
}

void run_sql(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  INFO(sql);
  CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(sqlite3_changes(db) > 0);
  sqlite3_close(db);
}

std::int64_t read_number(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  INFO(sql);
  REQUIRE(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  const std::int64_t value = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return value;
}

// Rows of two days, one of them open, one corrected; an account with a slice.
void fill(const std::string& path) {
  const auto store = open_store(path);
  std::vector<Row> rows;
  for (std::uint64_t n = 1; n <= 20; ++n) {
    Row row = n == 13 ? open_row(n) : settled_row(n);
    row.request = request_id(n, n <= 10 ? 1 : 2);
    if (n <= 10) row.accepted -= hours(24);
    row.process = kProcess;
    rows.push_back(row);
  }
  Row correction = rows[4];
  correction.entry = 1;
  correction.state = RowState::adjustment;
  correction.cost = Money::units(-5);
  rows.push_back(correction);
  rows[5].state = RowState::interrupted;
  rows[5].cost_source = CostSource::held;
  rows[5].cost = rows[5].hold;
  const AccountKey account{"red", Period::day, kToday, kToday + hours(24)};
  REQUIRE(store->lease(kProcess, account, Money::dollars(1), Money::units(700'000'000'000)));
  RefusalCount refused;
  refused.project = "red";
  refused.count = 3;
  REQUIRE(store->append({rows, std::span(&refused, 1)}));
  REQUIRE(store->lease(kProcess + 1, account, Money::dollars(1), Money::dollars(1)));
}

TEST_CASE("a ledger in order is proved", "[sqlite][proof]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  fill(path);
  const LedgerProof found = proof(path);
  CHECK(found.findings == std::vector<std::string>{});
  CHECK(found.rows == 21);
  CHECK(found.accounts == 1);
  CHECK_FALSE(found.pruned_before);
}

TEST_CASE("each thing that was tampered with is found", "[sqlite][proof]") {
  const char* const tamperings[] = {
      "UPDATE entries SET cost = cost + 1 WHERE state = 1",
      "UPDATE rollup SET cost_pico = cost_pico + 1 WHERE state = 1",
      "UPDATE rollup SET requests = requests + 1 WHERE state = 1",
      "UPDATE rollup SET cost_pico = cost_pico + 1000000000000, cost_dollars = cost_dollars - 1 WHERE state = 1",
      "UPDATE rollup SET bucket = bucket + 1 WHERE state = 1",
      "DELETE FROM rollup WHERE state = 4",
      "UPDATE rollup_days SET requests = requests + 1 WHERE state = 1",
      "UPDATE rollup_days SET last = last + 1 WHERE state = 1",
      "DELETE FROM rollup_days WHERE state = 4",
      "DELETE FROM entries WHERE state = 3",
      "DELETE FROM entries WHERE entry = 0 AND request IN (SELECT request FROM entries WHERE entry = 1)",
      "UPDATE entries SET cost = -1 WHERE state = 1",
      "UPDATE entries SET cost = 1 WHERE state = 0",
      "UPDATE entries SET hold = -1 WHERE state = 1",
      "UPDATE entries SET output = -1 WHERE state = 1",
      "UPDATE entries SET searches = -1 WHERE state = 1",
      "UPDATE rollup SET audio_ms = audio_ms + 1 WHERE state = 1",
      "UPDATE entries SET state = 9 WHERE state = 1",
      "UPDATE entries SET kind = 999 WHERE state = 1",
      "DELETE FROM kinds",
      "UPDATE kinds SET operation = 10 WHERE id = 1",
      "UPDATE kinds SET surface = 4 WHERE id = 1",
      "UPDATE kinds SET cost_source = 5 WHERE id = 1",
      "UPDATE kinds SET streamed = 2 WHERE id = 1",
      "UPDATE entries SET request = x'00' WHERE state = 0",
      "UPDATE entries SET cost = cost + 1 WHERE state = 3",
      "UPDATE entries SET entry = 7 WHERE state = 1",
      "UPDATE entries SET id = id + 1000000 WHERE state = 3",
      R"(CREATE TABLE twice AS SELECT * FROM entries WHERE state = 3; UPDATE twice SET id = id + 1, state = 0, cost = 0;
         INSERT INTO entries SELECT * FROM twice; DROP TABLE twice)",
      "UPDATE kinds SET served_model = 999 WHERE id = 1",
      "UPDATE accounts SET spent_pico = spent_pico + 1",
      "UPDATE accounts SET starts = starts - 86400000000",
      "UPDATE slices SET amount = amount + 1000000000",
      "UPDATE slices SET amount = -1",
      "UPDATE slices SET account = 77",
      "UPDATE refusals SET count = -count",
  };
  for (const char* tampering : tamperings) {
    const TempDirectory directory;
    const std::string path = directory.file("gateway.db");
    fill(path);
    run_sql(path, tampering);
    INFO(tampering);
    const LedgerProof found = proof(path);
    CHECK_FALSE(found.findings.empty());
    for (const std::string& line : found.findings) CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("findings of one kind are bounded", "[sqlite][proof]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::vector<Row> rows;
  for (std::uint64_t n = 1; n <= 500; ++n) rows.push_back(settled_row(n));
  REQUIRE(append(*open_store(path), rows));
  run_sql(path, "UPDATE entries SET hold = -1");
  CHECK(proof(path).findings.size() == 100);
}

TEST_CASE("pruning deletes old closed rows and no sum", "[sqlite][prune]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  fill(path);
  const auto store = open_store(path);
  Row old_open = open_row(11);
  old_open.request = request_id(60, 3);
  old_open.accepted -= hours(48);
  REQUIRE(append(*store, {old_open}));
  const auto sums = [&] {
    std::vector<std::string> lines;
    const auto found = store->usage({.by = {UsageKey::day, UsageKey::project, UsageKey::state}});
    REQUIRE(found);
    for (const UsageSum& sum : *found) {
      std::string line;
      for (const std::string& part : sum.key) line += part + " ";
      lines.push_back(line + std::to_string(sum.attempts) + " " + std::to_string(sum.usage.output) + " " +
                      sum.cost.to_string() + " " + sum.held.to_string());
    }
    return lines;
  };
  const auto before = sums();
  const auto deleted = prune_ledger(path, kToday, kMorning);
  REQUIRE(deleted);
  CHECK(*deleted == 11);
  CHECK(all_rows(*store).size() == 11);
  CHECK(sums() == before);
  const LedgerProof found = proof(path);
  CHECK(found.findings == std::vector<std::string>{});
  CHECK(found.pruned_before == kToday);
  CHECK(*prune_ledger(path, kToday - hours(24), kMorning) == 0);
  CHECK(proof(path).pruned_before == kToday);

  old_open.state = RowState::interrupted;
  REQUIRE(append(*store, {old_open}));
  CHECK(proof(path).findings == std::vector<std::string>{});
  CHECK(*prune_ledger(path, kToday, kMorning) == 1);
}

TEST_CASE("pruning takes refusals, and what rows had in common, away from those who remember it", "[sqlite][prune]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const auto store = open_store(path);  // stays open, as a server's
  const auto number = [&](const char* sql) { return read_number(path, sql); };
  const auto row_of = [](std::uint64_t n, std::string_view model, hours ago) {
    Row row = settled_row(n);
    row.asked_model = row.target_model = row.served_model = model;
    row.request = request_id(ago.count() > 0 ? 60 : 100 + n, n);
    row.accepted -= ago;
    return row;
  };
  REQUIRE(append(*store, {row_of(1, "old-model", hours(48)), row_of(2, "new-model", hours(0))}));
  RefusalCount refusal;
  refusal.project = "demo";
  refusal.model = "refused-model";
  refusal.code = "rate_limit_exceeded";
  refusal.count = 3;
  refusal.minute = std::chrono::floor<std::chrono::minutes>(kToday - hours(48)).time_since_epoch().count();
  REQUIRE(store->append({{}, std::span(&refusal, 1)}));
  RefusalCount kept = refusal;
  kept.model = "kept-model";
  kept.minute += 2 * 24 * 60;
  REQUIRE(store->append({{}, std::span(&kept, 1)}));
  CHECK(number("SELECT count(*) FROM names WHERE name = 'refused-model'") == 1);
  const std::int64_t kinds = number("SELECT count(*) FROM kinds");
  CHECK(*prune_ledger(path, kToday, kMorning) == 1);
  CHECK(number("SELECT count(*) FROM refusals") == 1);
  CHECK(number("SELECT count(*) FROM names WHERE name = 'refused-model'") == 0);
  CHECK(number("SELECT count(*) FROM kinds") == kinds - 1);

  REQUIRE(append(*store, {row_of(3, "old-model", hours(0))}));
  refusal.minute += 2 * 24 * 60;
  REQUIRE(store->append({{}, std::span(&refusal, 1)}));
  CHECK(all_rows(*store).size() == 2);
  CHECK(number("SELECT count(*) FROM names WHERE name = 'refused-model'") == 1);
  CHECK(proof(path).findings == std::vector<std::string>{});
}

TEST_CASE("rows of a millisecond of which one must stay are not pruned", "[sqlite][prune]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  // Home is the same for all three: the second and the third are found past the first.
  const auto same_home = [](std::uint64_t n) { return request_id(n << 17); };
  Row old = settled_row(1), old_open = open_row(2), old_too = settled_row(3);
  old.request = same_home(1), old_open.request = same_home(2), old_too.request = same_home(3);
  const auto store = open_store(path);
  REQUIRE(append(*store, {old, old_open, old_too}));
  const WallTime tomorrow = kToday + hours(24);
  CHECK(*prune_ledger(path, tomorrow, tomorrow) == 0);
  Row closed = settled_row(2);
  closed.request = old_open.request;
  REQUIRE(append(*open_store(path), {closed}));
  CHECK(all_rows(*store).size() == 3);
  CHECK(proof(path).findings == std::vector<std::string>{});
  CHECK(*prune_ledger(path, tomorrow, tomorrow) == 3);
}

TEST_CASE("pruning takes whole days, in as many steps as it needs", "[sqlite][prune]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::vector<Row> rows;
  for (std::uint64_t n = 1; n <= 11'000; ++n) rows.push_back(settled_row(n));
  REQUIRE(append(*open_store(path), rows));
  const auto crooked = prune_ledger(path, kMorning, kMorning);
  REQUIRE_FALSE(crooked);
  CHECK(crooked.error().code == ErrorCode::invalid);
  CHECK(*prune_ledger(path, kToday, kMorning) == 0);
  CHECK(*prune_ledger(path, kToday + hours(24), kMorning + hours(24)) == 11'000);
  CHECK(total(*open_store(path)).attempts == 11'000);
}

TEST_CASE("a day that is not over is not pruned", "[sqlite][prune]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  REQUIRE(append(*open_store(path), {settled_row(1)}));
  const auto refused = prune_ledger(path, kToday + hours(24), kMorning);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::invalid);
  CHECK_FALSE(proof(path).pruned_before);
  CHECK(all_rows(*open_store(path)).size() == 1);
  CHECK(*prune_ledger(path, kToday + hours(24), kToday + hours(24)) == 1);
}

}  // namespace
}  // namespace gateway
