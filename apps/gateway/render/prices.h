// Prices in force, a line each.
#pragma once

#include <string_view>
#include <vector>

#include "app/render/table.h"
#include "operations/prices.h"

namespace gateway::app {

std::vector<Column> price_columns();
std::vector<Cell> price_cells(const operations::ListedPrice& listed);
// A line of a table below a price: when other figures apply, and which.
std::vector<Cell> override_cells(const PriceOverride& rule);

}  // namespace gateway::app
