// A request in one line: all its attempts taken together.
#pragma once

#include <vector>

#include "app/render/table.h"
#include "gateway/row.h"

namespace gateway::app {

std::vector<Column> request_columns();
// `rows` are of one request, newest first; not empty. Times are of the zone; `now` is what `age` counts from.
std::vector<Cell> request_cells(const std::vector<Row>& rows, const Zone& zone, WallTime now);

}  // namespace gateway::app
