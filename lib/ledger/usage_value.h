// By what rows are grouped when they are summed, and which rows a query selects.
#pragma once

#include <optional>
#include <string>

#include "base/calendar.h"
#include "gateway/ledger.h"

namespace gateway {

// As UsageSum::key has it: times in the zone, names and codes as the row has them.
std::string value_of(UsageKey key, const Row& row, const Zone& zone = {});

// Whether the query selects the row; its order and limit do not count.
bool matches(const RowQuery& query, const Row& row);

}  // namespace gateway
