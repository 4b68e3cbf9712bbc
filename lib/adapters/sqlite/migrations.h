// Makes a ledger of an earlier schema version one of this version.
#pragma once

#include <cstdint>

#include "adapters/sqlite/database.h"

namespace gateway::sqlite {

// Copies its rows to the tables of this version; all else is as it was. Within a transaction, which fails if a row is
// damaged.
void migrate(Database& db, std::int64_t version);

}  // namespace gateway::sqlite
