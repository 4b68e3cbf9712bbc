#include "app/render/usage_fields.h"

#include "app/render/row_fields.h"
#include "operations/usage.h"

namespace gateway::app {

std::vector<Column> usage_columns(const std::vector<UsageKey>& by) {
  std::vector<Column> columns;
  for (const UsageKey key : by) columns.push_back({std::string(operations::name_of(key))});
  for (const char* name :
       {"requests", "attempts", "failed", "open", "refused", "input_tokens", "cached_input_tokens"}) {
    columns.push_back({name, true});
  }
  columns.push_back({"cache_write_tokens", true, false});
  for (const char* name : {"output_tokens", "reasoning_tokens", "cost"}) columns.push_back({name, true});
  columns.push_back({"upstream_cost", true, false});
  columns.push_back({"held", true});
  for (const UnitName& unit : kUnitNames) columns.push_back({std::string(unit.name), true, false, true});
  return columns;
}

std::vector<Cell> usage_cells(const UsageSum& sum) {
  std::vector<Cell> cells;
  for (const std::string& key : sum.key) cells.push_back(cell(key));
  for (const std::int64_t number :
       {sum.requests, sum.attempts, sum.failed, sum.open, sum.refused, sum.usage.input, sum.usage.cached_input,
        sum.usage.cache_write, sum.usage.output, sum.usage.reasoning}) {
    cells.push_back(cell(number));
  }
  cells.push_back(cell(sum.cost));
  cells.push_back(cell(sum.upstream_cost));
  cells.push_back(cell(sum.held));
  for (const UnitName& unit : kUnitNames) cells.push_back(unit_cell(sum.usage.*unit.count));
  return cells;
}

}  // namespace gateway::app
