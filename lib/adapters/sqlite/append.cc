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

// What only rows that were not there yet add to.
struct Sums {
  RollupChanges rollup;
  AccountChanges accounts;

  void add(const RowTable::Item& item) {
    if (item.row->state == RowState::open) return;
    rollup.add(*item.row, item.texts);
    accounts.add(*item.row, item.texts.project);
  }
};

// All at once; or, where some are there already, one by one to see which. False: some are, and nothing was stored.
bool store_all(Database& db, RowTable& table, Sums& sums) {
  Query(db, "SAVEPOINT rows").run();
  const auto items = table.items();
  table.show(0, items.size());
  if (store_shown(db) != static_cast<std::int64_t>(items.size())) {
    Query(db, "ROLLBACK TO rows").run();
    return false;
  }
  for (const RowTable::Item& item : items) sums.add(item);
  return true;
}

void store_each(Database& db, RowTable& table, Sums& sums) {
  const auto items = table.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    table.show(i, 1);
    if (store_shown(db) > 0) sums.add(items[i]);
    if (!db.ok()) return;
  }
}

void count_refusal(Database& db, Names& names, const RefusalCount& refusal) {
  Query(db, "INSERT INTO refusals VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        refusal.minute, names.number(refusal.project), names.number(refusal.model), names.number(refusal.code),
        refusal.count)
      .run();
}

}  // namespace

void Appender::append(const Batch& batch) {
  Sums sums;
  if (!batch.rows.empty()) {
    table_.fill(names_, kinds_, batch.rows);
    if (!store_all(db_, table_, sums)) store_each(db_, table_, sums);
    Query(db_, "RELEASE rows").run();
  }
  if (!db_.ok()) return;
  sums.rollup.write(db_);
  sums.accounts.write(db_);
  for (const RefusalCount& refusal : batch.refusals) count_refusal(db_, names_, refusal);
}

}  // namespace gateway::sqlite
