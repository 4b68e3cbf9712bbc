// A sum of the ledger as it is shown.
#pragma once

#include <vector>

#include "app/render/table.h"
#include "gateway/ledger.h"

namespace gateway::app {

std::vector<Column> usage_columns(const std::vector<UsageKey>& by);
// A cell for each of the sum's own keys, then its figures.
std::vector<Cell> usage_cells(const UsageSum& sum);

}  // namespace gateway::app
