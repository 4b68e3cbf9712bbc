#include "adapters/sqlite/append.h"

#include "adapters/sqlite/accounts.h"
#include "adapters/sqlite/rollup.h"

namespace gateway::sqlite {
namespace {

// Says how many of the rows shown went in: the others are there already, and not as open ones.
std::int64_t store_shown(Database& db) {
  Query::kept(db, RowTable::upsert()).run();
  return db.changes();
}

void count_refusal(Database& db, Names& names, const RefusalCount& refusal) {
  Query(db, "INSERT INTO refusals VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        refusal.minute, names.number(refusal.project), names.number(refusal.model), names.number(refusal.code),
        refusal.count)
      .run();
}

}  // namespace

// What rows add that were not there yet.
struct Appender::Sums {
  RollupChanges rollup;
  AccountChanges accounts;

  void add(const Row& row, const Kind& kind) {
    if (row.state == RowState::open) return;
    rollup.add(row, kind);
    accounts.add(row, kind.texts.project);
  }
};

// All at once; or, where some are there already, none. False: none.
bool Appender::store_all(RowSequence rows, Sums& sums) {
  Query(db_, "SAVEPOINT rows").run();
  table_.show(rows, 0, rows.size(), [&](const Row& row, const Kind& kind) { sums.add(row, kind); });
  const bool all = store_shown(db_) == static_cast<std::int64_t>(rows.size());
  if (!all) {
    Query(db_, "ROLLBACK TO rows").run();
    forget();
  }
  Query(db_, "RELEASE rows").run();
  return all;
}

// One by one, to see which are there already.
void Appender::store_each(RowSequence rows, Sums& sums) {
  for (std::size_t i = 0; i < rows.size() && db_.ok(); ++i) {
    table_.show(rows, i, 1);
    if (store_shown(db_) > 0) sums.add(table_.row(), kinds_.of(table_.row()));
  }
}

void Appender::append(const Batch& batch) {
  Sums sums;
  if (!batch.rows.empty() && !store_all(batch.rows, sums)) {
    sums = {};
    store_each(batch.rows, sums);
  }
  if (!db_.ok()) return;
  sums.rollup.write(db_);
  sums.accounts.write(db_);
  for (const RefusalCount& refusal : batch.refusals) count_refusal(db_, names_, refusal);
}

void Appender::forget() {
  names_.forget();
  kinds_.forget();
}

}  // namespace gateway::sqlite
