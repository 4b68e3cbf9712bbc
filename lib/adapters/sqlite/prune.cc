#include "adapters/sqlite/prune.h"

#include <chrono>
#include <optional>

#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/row_place.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

constexpr std::int64_t kStep = 5000;  // rows looked at in one transaction

// The last row id of the next step's last millisecond, after `from`; nothing: there are no more rows.
std::optional<std::int64_t> end_of_step(Database& db, std::int64_t from) {
  Query query(db, "SELECT id FROM entries WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?", from, kStep - 1);
  if (query.next()) return places_around(query.integer(0)).last;
  Query rest(db, "SELECT max(id) FROM entries WHERE id > ?", from);
  if (!rest.next() || rest.is_null(0)) return {};
  return places_around(rest.integer(0)).last;
}

// A millisecond's rows go together or not at all: a gap among them could hide those after it.
constexpr char kDelete[] = R"sql(
DELETE FROM entries WHERE id > ?1 AND id <= ?2 AND id & ~?3 NOT IN (
  SELECT id & ~?3 FROM entries WHERE id > ?1 AND id <= ?2 AND (accepted >= ?4 OR state = 0)))sql";

// Ahead of their rows, which keep the names alive that these have.
constexpr char kDeleteAnswers[] = R"sql(
DELETE FROM answers WHERE generation_id IN (
  SELECT generation_id FROM entries WHERE id > ?1 AND id <= ?2 AND accepted < ?3 AND generation_id IS NOT NULL))sql";

// All rows are scanned while nobody else can write: not if there are so many that writers would notice.
constexpr std::chrono::milliseconds kLongestLook{500};

constexpr const char* kDeleteKinds = R"sql(
DELETE FROM kinds WHERE id < (SELECT max(id) FROM kinds) AND id NOT IN (SELECT kind FROM entries))sql";
constexpr const char* kDeleteNames = R"sql(
DELETE FROM names WHERE id > 0 AND id < (SELECT max(id) FROM names) AND id NOT IN (
  SELECT project FROM kinds UNION SELECT api_key FROM kinds UNION SELECT asked_model FROM kinds
  UNION SELECT target_model FROM kinds UNION SELECT served_model FROM kinds UNION SELECT provider FROM kinds
  UNION SELECT error_code FROM kinds UNION SELECT finish_reason FROM kinds UNION SELECT price_version FROM kinds
  UNION SELECT project FROM rollup UNION SELECT api_key FROM rollup UNION SELECT asked_model FROM rollup
  UNION SELECT served_model FROM rollup UNION SELECT provider FROM rollup UNION SELECT error_code FROM rollup
  UNION SELECT project FROM refusals UNION SELECT asked_model FROM refusals UNION SELECT error_code FROM refusals
  UNION SELECT project FROM accounts))sql";

// What rows have in common, if there is no such row any more, and texts that nothing has. Connections that remember
// some of it look again: see Names::refresh().
Result<void> prune_dictionaries(Database& db) {
  const auto began = std::chrono::steady_clock::now();
  {
    Transaction look(db, Transaction::Kind::read);
    Query(db, "SELECT count(DISTINCT kind) FROM entries").next();
    if (auto done = look.commit(); !done) return done;
  }
  if (std::chrono::steady_clock::now() - began > kLongestLook) return {};
  Transaction transaction(db, Transaction::Kind::write);
  Query(db, kDeleteKinds).run();
  const std::int64_t kinds = db.changes();
  Query(db, kDeleteNames).run();
  if (kinds + db.changes() > 0) {
    Query(db, "INSERT INTO meta VALUES('dictionaries_pruned', 1) ON CONFLICT DO UPDATE SET value = value + 1").run();
  }
  return transaction.commit();
}

}  // namespace

Result<std::int64_t> prune(const std::string& path, WallTime before, WallTime now) {
  if (before != std::chrono::floor<std::chrono::days>(before)) {
    return Error{ErrorCode::invalid, "rows are pruned by whole UTC days"};
  }
  if (before > now) return Error{ErrorCode::invalid, "only rows of days that are over are pruned"};
  constexpr int kBusyTimeoutMs = 10'000;
  auto opened = open_ledger(path, Access::write, kBusyTimeoutMs);
  if (!opened) return std::move(opened).error();
  Database& db = **opened;
  {
    // First of all: from here on nobody compares those sums with rows.
    Transaction transaction(db, Transaction::Kind::write);
    Query(db, "UPDATE meta SET value = max(value, ?) WHERE name = 'pruned_before_bucket'", bucket_of(before)).run();
    const auto minute = std::chrono::floor<std::chrono::minutes>(before).time_since_epoch().count();
    Query(db, "DELETE FROM refusals WHERE minute < ?", std::int64_t{minute}).run();
    if (auto done = transaction.commit(); !done) return std::move(done).error();
  }
  std::int64_t deleted = 0;
  std::int64_t from = -1;  // ids are not negative
  for (;;) {
    Transaction transaction(db, Transaction::Kind::write);
    const std::optional<std::int64_t> to = end_of_step(db, from);
    if (to) Query(db, kDeleteAnswers, from, *to, micros_of(before)).run();
    if (to) Query(db, kDelete, from, *to, kPlacesMask, micros_of(before)).run();
    const std::int64_t count = to ? db.changes() : 0;
    if (auto done = transaction.commit(); !done) return std::move(done).error();
    if (!to) break;
    deleted += count;
    from = *to;
  }
  if (auto done = prune_dictionaries(db); !done) return std::move(done).error();
  return deleted;
}

}  // namespace gateway::sqlite
