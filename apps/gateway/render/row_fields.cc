#include "app/render/row_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/render/json.h"
#include "app/values/moments.h"

namespace gateway::app {
namespace {

Cell optional_text(std::string_view text) { return text.empty() ? Cell{"", json::null()} : cell(text); }

}  // namespace

Cell exact_cell(WallTime time, const Zone& zone) {
  Cell value{"", json::time_in(time, zone)};
  if (time != WallTime{}) value.text = value.json.substr(1, value.json.size() - 2);
  return value;
}

std::string ago(WallTime time, WallTime now) {
  const std::int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(std::max(now - time, WallTime::duration{})).count();
  if (seconds < 60) return fmt::format("{}s ago", seconds);
  if (seconds < 3600) return fmt::format("{}m ago", seconds / 60);
  if (seconds < 86'400) return fmt::format("{}h ago", seconds / 3600);
  return fmt::format("{}d ago", seconds / 86'400);
}

Cell age_cell(WallTime time, WallTime now) {
  if (now == WallTime{}) return {"", json::null()};
  const std::string text = ago(time, now);
  return {text, json::text(text), Tone::muted};
}

Cell state_cell(RowState state) {
  Cell shown = cell(to_string(state));
  shown.tone = state == RowState::settled       ? Tone::good
               : state == RowState::failed      ? Tone::bad
               : state == RowState::interrupted ? Tone::warning
                                                : Tone::accent;
  return shown;
}

Cell duration_cell(WallTime from, WallTime to) {
  if (from == WallTime{} || to == WallTime{}) return {"", json::null()};
  return cell(std::int64_t{std::chrono::round<std::chrono::milliseconds>(to - from).count()});
}

Cell unit_cell(std::int64_t count) { return count == 0 ? Cell{"", json::null()} : cell(count); }

const std::vector<Column>& row_columns() {
  static const std::vector<Column> columns{
      {"request_id"},
      {"attempt", true},
      {"entry", true, false},
      {"accepted"},
      {"project"},
      {"key", false, false},
      {"endpoint", false, false},
      {"surface", false, false, true},
      {"asked_model"},
      {"target_model", false, false},
      {"served_model", false, false},
      {"provider"},
      {"state"},
      {"status", true},
      {"error_code"},
      {"streamed", false, false},
      {"input_tokens", true},
      {"cached_input_tokens", true, false},
      {"cache_write_tokens", true, false},
      {"output_tokens", true},
      {"reasoning_tokens", true, false},
      {"images", true, false, true},
      {"audio_ms", true, false, true},
      {"characters", true, false, true},
      {"searches", true, false, true},
      {"hold", true, false},
      {"cost", true},
      {"upstream_cost", true, false},
      {"cost_source"},
      {"price_version", false, false},
      {"dispatched", false, false},
      {"first_byte", false, false},
      {"ended", false, false},
      {"finish_reason", false, false},
      {"generation_id", false, false},
      {"client_request_id", false, false},
      {"flags"},
      {"age", true, true, false, true},
      {"first_byte_ms", true, true, false, true},
      {"duration_ms", true, true, false, true},
  };
  return columns;
}

std::vector<Cell> row_cells(const Row& row, const Zone& zone, WallTime now) {
  const auto count = [](auto number) { return cell(static_cast<std::int64_t>(number)); };
  return {
      cell(row.request.text().view()),
      count(row.attempt),
      count(row.entry),
      exact_cell(row.accepted, zone),
      cell(row.project.view()),
      cell(row.key.view()),
      cell(to_string(row.operation)),
      row.surface == SurfaceKind::openai ? Cell{"", json::null()} : cell(to_string(row.surface)),
      cell(row.asked_model.view()),
      cell(row.target_model.view()),
      optional_text(row.served_model.view()),
      cell(row.provider.view()),
      state_cell(row.state),
      row.status == 0 ? Cell{"", json::null()} : count(row.status),
      optional_text(row.error_code.view()),
      cell(row.streamed),
      count(row.usage.input),
      count(row.usage.cached_input),
      count(row.usage.cache_write),
      count(row.usage.output),
      count(row.usage.reasoning),
      unit_cell(row.usage.images),
      unit_cell(row.usage.audio_ms),
      unit_cell(row.usage.characters),
      unit_cell(row.usage.searches),
      cell(MoneySum(row.hold)),
      cell(MoneySum(row.cost)),
      cell(MoneySum(row.upstream_cost)),
      cell(to_string(row.cost_source)),
      optional_text(row.price_version.view()),
      exact_cell(row.dispatched, zone),
      exact_cell(row.first_byte, zone),
      exact_cell(row.ended, zone),
      optional_text(row.finish_reason.view()),
      optional_text(row.generation_id.view()),
      optional_text(row.client_request_id.view()),
      cell(split_list({row_flags_to_string(row.flags)})),
      age_cell(row.accepted, now),
      duration_cell(row.dispatched, row.first_byte),
      duration_cell(row.dispatched, row.ended),
  };
}

}  // namespace gateway::app
