// Sums of usage, from the rollup, the open rows and the refusals.
#pragma once

#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "gateway/ledger.h"

namespace gateway::sqlite {

// Within a read transaction, so that the three parts are of one instant. Times are rounded down to the rollup's step,
// `until` up. Sorted by key.
std::vector<UsageSum> usage(Database& db, Names& names, const UsageQuery& query);
QuarterCosts quarter_costs(Database& db, Names& names, const std::vector<std::string>& projects, WallTime since,
                           WallTime until);

}  // namespace gateway::sqlite
