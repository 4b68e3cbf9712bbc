// Putting rows in.
#pragma once

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/row_table.h"
#include "gateway/store.h"

namespace gateway::sqlite {

// Within a write transaction: see Store::append.
void append(Database& db, Names& names, RowTable& table, const Batch& batch);

}  // namespace gateway::sqlite
