#include <chrono>
#include <vector>

#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/schema.h"
#include "gateway/sqlite_ledger.h"

namespace gateway {
namespace {

using sqlite::Query;
using sqlite::Transaction;

constexpr std::int64_t kStep = 5000;  // rows looked at in one transaction

// The request id that ends the next step behind `from`; empty: there are no more rows.
std::vector<std::uint8_t> end_of_step(sqlite::Database& db, std::span<const std::uint8_t> from) {
  Query query(db, "SELECT max(request) FROM (SELECT request FROM entries WHERE request > ? ORDER BY request LIMIT ?)",
              from, kStep);
  if (!query.next()) return {};
  const auto id = query.blob(0);
  return {id.begin(), id.end()};
}

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
  std::vector<std::uint8_t> from;
  for (;;) {
    Transaction transaction(db, Transaction::Kind::write);
    const std::vector<std::uint8_t> to = end_of_step(db, from);
    if (!to.empty()) {
      Query(db, "DELETE FROM entries WHERE request > ? AND request <= ? AND accepted < ? AND state <> 0",
            std::span<const std::uint8_t>(from), std::span<const std::uint8_t>(to), sqlite::micros_of(before))
          .run();
    }
    const std::int64_t count = to.empty() ? 0 : db.changes();
    if (auto done = transaction.commit(); !done) return std::move(done).error();
    if (to.empty()) return deleted;
    deleted += count;
    from = to;
  }
}

}  // namespace gateway
