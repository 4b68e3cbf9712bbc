// A ledger row as the commands show it.
#pragma once

#include <vector>

#include "app/cli/table.h"
#include "gateway/row.h"

namespace gateway::app {

// All of a row's fields; a table shows the main ones. Booleans and flags are themselves in JSON.
const std::vector<Column>& row_columns();
std::vector<Cell> row_cells(const Row& row);

}  // namespace gateway::app
