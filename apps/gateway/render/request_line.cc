#include "app/render/request_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/render/row_fields.h"

namespace gateway::app {
namespace {

// "openai 500 > anthropic 200"
std::string path_of(const std::vector<Row>& rows) {
  std::string path;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (row->entry != 0) continue;
    if (!path.empty()) path += " > ";
    path += row->provider.view();
    if (row->status != 0) path += fmt::format(" {}", row->status);
  }
  return path;
}

}  // namespace

std::vector<Column> request_columns() {
  return {{"request_id"},
          {"accepted"},
          {"age", true, true, false, true},
          {"project"},
          {"key", false, false},
          {"asked_model"},
          {"attempts", true},
          {"path"},
          {"state"},
          {"error_code"},
          {"input_tokens", true},
          {"output_tokens", true},
          {"cost", true},
          {"duration_ms", true},
          {"client_request_id", false, false}};
}

std::vector<Cell> request_cells(const std::vector<Row>& rows, const Zone& zone, WallTime now) {
  Usage usage;
  MoneySum cost;
  std::int64_t attempts = 0;
  const Row* last = nullptr;  // the last attempt
  for (const Row& row : rows) {
    usage += row.usage;
    cost += MoneySum(row.cost);
    if (row.entry != 0) continue;
    ++attempts;
    if (last == nullptr || row.attempt > last->attempt) last = &row;
  }
  if (last == nullptr) last = &rows.front();
  const std::string_view client_id = last->client_request_id.view();
  return {cell(last->request.text().view()),
          exact_cell(last->accepted, zone),
          age_cell(last->accepted, now),
          cell(last->project.view()),
          cell(last->key.view()),
          cell(last->asked_model.view()),
          cell(attempts),
          cell(path_of(rows)),
          state_cell(last->state),
          last->error_code.empty() ? Cell{"", "null"} : cell(last->error_code.view()),
          cell(usage.input),
          cell(usage.output),
          cell(cost),
          duration_cell(last->accepted, last->ended),
          client_id.empty() ? Cell{"", "null"} : cell(client_id)};
}

}  // namespace gateway::app
