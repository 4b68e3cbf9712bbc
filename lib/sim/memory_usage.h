// What a memory store sums and finds: pure functions over its rows.
#pragma once

#include <vector>

#include "gateway/ledger.h"
#include "sim/memory_rows.h"

namespace gateway::testing {

bool matches(const RowQuery& query, const Row& row);
std::vector<UsageSum> sum_usage(const UsageQuery& query, const MemoryRows& rows,
                                const std::vector<RefusalCount>& refusals);

}  // namespace gateway::testing
