// A ledger row as the commands show it.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "app/render/table.h"
#include "gateway/row.h"

namespace gateway::app {

// All of a row's fields; a table shows the main ones. Booleans and flags are themselves in JSON.
const std::vector<Column>& row_columns();
// Times are of the zone, with its offset; "Z" without one. `now` is what `age` counts from; zero: the row has none.
std::vector<Cell> row_cells(const Row& row, const Zone& zone = {}, WallTime now = {});

// "12s ago", "3m ago", "5h ago", "2d ago".
std::string ago(WallTime time, WallTime now);
Cell age_cell(WallTime time, WallTime now);
// With its colour.
Cell state_cell(RowState state);
Cell duration_cell(WallTime from, WallTime to);  // in milliseconds; empty if one of both is zero
// Always six decimals, so that CSV sorts as text too.
Cell exact_cell(WallTime time, const Zone& zone);

// What is counted beside tokens; shown in JSON alone, and only if it is not zero.
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
