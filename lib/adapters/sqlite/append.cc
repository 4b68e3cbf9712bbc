#include "adapters/sqlite/append.h"

#include <optional>

#include "adapters/sqlite/accounts.h"
#include "adapters/sqlite/rollup.h"
#include "adapters/sqlite/row_columns.h"

namespace gateway::sqlite {
namespace {

enum class Stored { added, replaced, kept };

Stored store(Database& db, const Row& row, const RowNames& numbers) {
  {
    Query insert(db,
                 "INSERT INTO ledger VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
                 " ON CONFLICT DO NOTHING");
    bind_row(insert, row, numbers);
    insert.run();
  }
  if (!db.ok()) return Stored::kept;
  if (db.changes() > 0) return Stored::added;
  {
    Query there(db, "SELECT state FROM ledger WHERE request = ? AND attempt = ? AND entry = ?", blob_of(row.request),
                row.attempt, row.entry);
    if (!there.next() || there.integer(0) != static_cast<int>(RowState::open)) return Stored::kept;
  }
  Query replace(db, "REPLACE INTO ledger VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  bind_row(replace, row, numbers);
  replace.run();
  return Stored::replaced;
}

void count_refusal(Database& db, Names& names, const RefusalCount& refusal) {
  Query(db, "INSERT INTO refusals VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        refusal.minute, names.number(refusal.project), names.number(refusal.model), names.number(refusal.code),
        refusal.count)
      .run();
}

}  // namespace

void append(Database& db, Names& names, const Batch& batch) {
  RollupChanges rollup;
  AccountChanges accounts;
  const Row* before = nullptr;
  RowNames numbers;
  for (const Row& given : batch.rows) {
    std::optional<Row> cut;
    if (!within_limits(given.usage)) cut = cut_to_limits(given);
    const Row& row = cut ? *cut : given;
    numbers = number_names(names, row, before, numbers);
    before = &given;
    const Stored stored = store(db, row, numbers);
    if (!db.ok()) return;
    if (stored == Stored::kept || row.state == RowState::open) continue;
    rollup.add(row, numbers);
    accounts.add(row, numbers.project);
  }
  rollup.write(db);
  accounts.write(db);
  for (const RefusalCount& refusal : batch.refusals) count_refusal(db, names, refusal);
}

}  // namespace gateway::sqlite
