// Reading rows one by one.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/row_search.h"
#include "gateway/ledger.h"

namespace gateway::sqlite {

// Up to `limit` matches after the row `last`, or the first ones for null; fewer: there are no more. `search` is that of
// all steps of the query.
std::vector<Row> some_rows(Database& db, Names& names, const RowQuery& query, const Row* last, std::int64_t limit,
                           RowSearch& search);
std::vector<Row> open_rows(Database& db, Names& names, std::uint64_t process);

}  // namespace gateway::sqlite
