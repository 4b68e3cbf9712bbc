// API keys as they are shown.
#pragma once

#include <string>
#include <vector>

#include "app/render/json.h"
#include "app/render/table.h"
#include "operations/keys.h"

namespace gateway::app {

std::vector<Column> key_columns();
std::vector<Cell> key_cells(const operations::KeyView& view);
// With the key itself.
json::Object new_key_object(const operations::NewKey& made);
json::Object rotated_key_object(const operations::RotatedKey& rotated);

}  // namespace gateway::app
