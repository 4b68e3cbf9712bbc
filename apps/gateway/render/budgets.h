// Spend caps as they are listed.
#pragma once

#include <vector>

#include "app/render/table.h"
#include "operations/budgets.h"

namespace gateway::app {

std::vector<Column> budget_columns();
std::vector<Cell> budget_cells(const operations::Budget& budget);
// Spent and held, in percent of the cap, rounded down; 100 for a cap of nothing.
std::int64_t used_percent(const operations::CapState& state);
// It resets, and nothing is left, or as forecast nothing will be left, before that.
bool is_exhausted_before_reset(const operations::Budget& budget);

}  // namespace gateway::app
