#include "adapters/sqlite/append.h"

#include <optional>

#include "adapters/sqlite/accounts.h"
#include "adapters/sqlite/rollup.h"
#include "adapters/sqlite/row_columns.h"

namespace gateway::sqlite {
namespace {

// False: the row is there already, and not as an open one.
bool store(Database& db, const Row& row, const RowNames& numbers) {
  Query query(db, R"sql(
    INSERT INTO ledger VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
    ON CONFLICT(request, attempt, entry) DO UPDATE SET
      (state, endpoint, cost_source, streamed, status, flags, process, input, cached_input, cache_write, output,
       reasoning, hold, cost, accepted, dispatched, first_byte, ended, project, api_key, asked_model, target_model,
       served_model, provider, error_code, finish_reason, price_version, client_request_id, generation_id) =
      (excluded.state, excluded.endpoint, excluded.cost_source, excluded.streamed, excluded.status, excluded.flags,
       excluded.process, excluded.input, excluded.cached_input, excluded.cache_write, excluded.output,
       excluded.reasoning, excluded.hold, excluded.cost, excluded.accepted, excluded.dispatched, excluded.first_byte,
       excluded.ended, excluded.project, excluded.api_key, excluded.asked_model, excluded.target_model,
       excluded.served_model, excluded.provider, excluded.error_code, excluded.finish_reason, excluded.price_version,
       excluded.client_request_id, excluded.generation_id)
    WHERE ledger.state = 0 AND excluded.state <> 0)sql");
  bind_row(query, row, numbers);
  query.run();
  return db.changes() > 0;
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
    const bool stored = store(db, row, numbers);
    if (!db.ok()) return;
    if (!stored || row.state == RowState::open) continue;
    rollup.add(row, numbers);
    accounts.add(row, numbers.project);
  }
  rollup.write(db);
  accounts.write(db);
  for (const RefusalCount& refusal : batch.refusals) count_refusal(db, names, refusal);
}

}  // namespace gateway::sqlite
