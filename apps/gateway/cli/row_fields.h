// A ledger row as the commands show it.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "app/cli/table.h"
#include "gateway/row.h"

namespace gateway::app {

// All of a row's fields; a table shows the main ones. Booleans and flags are themselves in JSON.
const std::vector<Column>& row_columns();
std::vector<Cell> row_cells(const Row& row);

// What is counted beside tokens; shown in JSON alone, and only where it is not zero.
struct UnitName {
  std::string_view name;
  std::int64_t Usage::*count;
};
inline constexpr std::array<UnitName, 4> kUnitNames{{{"images", &Usage::images},
                                                     {"audio_ms", &Usage::audio_ms},
                                                     {"characters", &Usage::characters},
                                                     {"searches", &Usage::searches}}};
Cell unit_cell(std::int64_t count);

}  // namespace gateway::app
