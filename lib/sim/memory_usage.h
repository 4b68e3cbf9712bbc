// What a memory store sums: a pure function over its rows.
#pragma once

#include <vector>

#include "gateway/ledger.h"
#include "sim/memory_rows.h"

namespace gateway::testing {

std::vector<UsageSum> sum_usage(const UsageQuery& query, const MemoryRows& rows,
                                const std::vector<RefusalCount>& refusals);

}  // namespace gateway::testing
