#include "adapters/sqlite/append.h"

#include <string>

#include "adapters/sqlite/accounts.h"
#include "adapters/sqlite/rollup.h"

namespace gateway::sqlite {
namespace {

std::string upsert() {
  std::string columns, values;
  for (const std::string_view name : changing_columns()) {
    columns.append(columns.empty() ? "" : ", ").append(name);
    values.append(values.empty() ? "excluded." : ", excluded.").append(name);
  }
  return "INSERT INTO ledger SELECT * FROM batch WHERE true ON CONFLICT(request, attempt, entry) DO UPDATE SET (" +
         columns + ") = (" + values + ") WHERE ledger.state = 0 AND excluded.state <> 0";
}

// Puts the rows in that the table shows, open ones of the same id giving way. Says how many there was room for: the
// others are there already, and not as open ones.
std::int64_t store_shown(Database& db) {
  static const std::string sql = upsert();
  Query::kept(db, sql).run();
  return db.changes();
}

// What only rows that were not there yet add to.
struct Sums {
  RollupChanges rollup;
  AccountChanges accounts;

  void add(const RowTable::Item& item) {
    if (item.row->state == RowState::open) return;
    rollup.add(*item.row, item.numbers);
    accounts.add(*item.row, item.numbers.project);
  }
};

// All at once; or, where some are there already, one by one to see which. False: some are, and nothing was stored.
bool store_all(Database& db, RowTable& table, Sums& sums) {
  db.run("SAVEPOINT rows");
  const auto items = table.items();
  table.show(0, items.size());
  if (store_shown(db) != static_cast<std::int64_t>(items.size())) {
    db.run("ROLLBACK TO rows");
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

void append(Database& db, Names& names, RowTable& table, const Batch& batch) {
  Sums sums;
  if (!batch.rows.empty()) {
    table.fill(names, batch.rows);
    if (!store_all(db, table, sums)) store_each(db, table, sums);
    db.run("RELEASE rows");
  }
  if (!db.ok()) return;
  sums.rollup.write(db);
  sums.accounts.write(db);
  for (const RefusalCount& refusal : batch.refusals) count_refusal(db, names, refusal);
}

}  // namespace gateway::sqlite
