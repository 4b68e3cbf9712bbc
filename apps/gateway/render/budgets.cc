#include "app/render/budgets.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/render/json.h"
#include "app/render/trends.h"

namespace gateway::app {

using operations::Budget;
using operations::CapState;

std::int64_t used_percent(const CapState& state) {
  const MoneySum cap(state.cap.cap);
  return cap <= MoneySum() ? 100 : ratio(state.spent + state.held, cap, 100);
}

bool is_exhausted_before_reset(const Budget& budget) {
  if (budget.state.resets_at == WallTime{}) return false;
  return budget.state.remaining() <= MoneySum() || budget.forecast.exhausted_at.has_value();
}

std::vector<Column> budget_columns() {
  return {{"project"},
          {"period"},
          {"cap", true},
          {"spent", true},
          {"held", true},
          {"remaining", true},
          {"used", true},
          {"resets_at"},
          {"spent_at_reset", true},
          {"exhausted_at"},
          {"mode", false, false},
          {"timezone", false, false}};
}

std::vector<Cell> budget_cells(const Budget& budget) {
  const CapState& state = budget.state;
  const std::int64_t percent = used_percent(state);
  const bool warned = std::any_of(state.cap.warn_percent.begin(), state.cap.warn_percent.end(),
                                  [percent](int warn) { return percent >= warn; });
  const Tone tone = percent >= 100 ? Tone::bad : warned ? Tone::warning : Tone::good;
  Cell used{fmt::format("{}%", percent), json::number(percent), tone};
  return {cell(budget.project),
          cell(to_string(state.cap.period)),
          cell(MoneySum(state.cap.cap)),
          cell(state.spent),
          cell(state.held),
          cell(std::max(state.remaining(), MoneySum())),
          std::move(used),
          state.resets_at == WallTime{} ? Cell{"never", json::null()} : cell(state.resets_at),
          cell(budget.forecast.spent_at_reset),
          cell(budget.forecast.exhausted_at),
          cell(to_string(budget.mode)),
          cell(budget.timezone)};
}

}  // namespace gateway::app
