#include <chrono>
#include <optional>

#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/row_place.h"
#include "adapters/sqlite/schema.h"
#include "gateway/sqlite_ledger.h"

namespace gateway {
namespace {

using sqlite::Query;
using sqlite::Transaction;

constexpr std::int64_t kStep = 5000;  // rows looked at in one transaction

// The last place of the next step's last millisecond, behind `from`; nothing: there are no more rows.
std::optional<std::int64_t> end_of_step(sqlite::Database& db, std::int64_t from) {
  Query query(db, "SELECT id FROM entries WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?", from, kStep - 1);
  if (query.next()) return sqlite::places_around(query.integer(0)).last;
  Query rest(db, "SELECT max(id) FROM entries WHERE id > ?", from);
  if (!rest.next() || rest.is_null(0)) return {};
  return sqlite::places_around(rest.integer(0)).last;
}

// A millisecond's rows go together or not at all: a gap among them could hide those behind it.
constexpr char kDelete[] = R"sql(
DELETE FROM entries WHERE id > ?1 AND id <= ?2 AND id & ~?3 NOT IN (
  SELECT id & ~?3 FROM entries WHERE id > ?1 AND id <= ?2 AND (accepted >= ?4 OR state = 0)))sql";

}  // namespace

Result<std::int64_t> prune_sqlite_ledger(const std::string& path, WallTime before, WallTime now) {
  if (before != std::chrono::floor<std::chrono::days>(before)) {
    return Error{ErrorCode::invalid, "rows are pruned by whole UTC days"};
  }
  if (before > now) return Error{ErrorCode::invalid, "only rows of days that are over are pruned"};
  constexpr int kBusyTimeoutMs = 10'000;
  auto opened = sqlite::open_ledger(path, sqlite::Access::write, kBusyTimeoutMs);
  if (!opened) return std::move(opened).error();
  sqlite::Database& db = **opened;
  {
    // First of all: from here on nobody compares those sums with rows.
    Transaction transaction(db, Transaction::Kind::write);
    Query(db, "UPDATE meta SET value = max(value, ?) WHERE name = 'pruned_before_bucket'", sqlite::bucket_of(before))
        .run();
    if (auto done = transaction.commit(); !done) return std::move(done).error();
  }
  std::int64_t deleted = 0;
  std::int64_t from = -1;  // ids are not negative
  for (;;) {
    Transaction transaction(db, Transaction::Kind::write);
    const std::optional<std::int64_t> to = end_of_step(db, from);
    if (to) Query(db, kDelete, from, *to, sqlite::kPlacesMask, sqlite::micros_of(before)).run();
    const std::int64_t count = to ? db.changes() : 0;
    if (auto done = transaction.commit(); !done) return std::move(done).error();
    if (!to) return deleted;
    deleted += count;
    from = *to;
  }
}

}  // namespace gateway
