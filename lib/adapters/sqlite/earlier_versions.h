// What a ledger of an earlier schema version is made one of this version by.
#pragma once

#include <cstdint>

#include "adapters/sqlite/database.h"

namespace gateway::sqlite {

// Its rows go into the tables of this version; all else is as it was. Within a transaction, which fails where a row is
// damaged.
void migrate(Database& db, std::int64_t version);

}  // namespace gateway::sqlite
