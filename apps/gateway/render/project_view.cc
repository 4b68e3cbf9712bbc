#include "app/render/project_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/render/json.h"
#include "base/time_text.h"

namespace gateway::app {

using operations::CapState;
using operations::ProjectView;

std::string limits_json(const LimitsConfig& limits) {
  return json::Object()
      .add("requests_per_minute", json::optional(limits.requests_per_minute, json::number))
      .add("tokens_per_minute", json::optional(limits.tokens_per_minute, json::number))
      .add("concurrent", json::optional(limits.concurrent, json::number))
      .add("max_output_tokens", json::optional(limits.max_output_tokens, json::number))
      .str();
}

json::Object cap_object(const CapState& state) {
  std::vector<std::string> warn;
  for (const int percent : state.cap.warn_percent) warn.push_back(json::number(percent));
  json::Object object;
  object.add("period", json::text(to_string(state.cap.period)))
      .add("cap", json::money(state.cap.cap))
      .add("spent", json::money(state.spent))
      .add("held", json::money(state.held))
      .add("remaining", json::money(std::max(state.remaining(), MoneySum())))
      .add("resets_at", json::time(state.resets_at))
      .add("warn", json::list(warn));
  return object;
}

std::string limits_text(const LimitsConfig& limits) {
  std::vector<std::string> parts;
  const auto add = [&parts](const std::optional<std::int64_t>& limit, std::string_view unit) {
    if (limit) parts.push_back(fmt::format("{} {}", *limit, unit));
  };
  add(limits.requests_per_minute, "requests/min");
  add(limits.tokens_per_minute, "tokens/min");
  add(limits.concurrent, "at a time");
  add(limits.max_output_tokens, "output tokens");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string caps_text(const SpendConfig& spend) {
  std::vector<std::string> parts;
  for (const SpendCap& cap : spend.caps)
    parts.push_back(fmt::format("{}/{}", cap.cap.to_string(), to_string(cap.period)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

namespace {

// "gateway.yaml:12"
std::string defined_at(const ProjectView& view) {
  return view.line > 0 ? fmt::format("{}:{}", view.source, view.line) : view.source;
}

}  // namespace

std::string project_json(const ProjectView& view) {
  const ProjectConfig& project = view.project;
  std::vector<std::string> models, caps;
  for (const std::string& model : project.models) models.push_back(json::text(model));
  for (const CapState& state : view.caps) caps.push_back(cap_object(state).str());
  const SpendConfig& spend = project.spend;
  return json::Object()
      .add("name", json::text(project.name))
      .add("from_file", json::boolean(project.from_file))
      .add("defined_at", view.line > 0 ? json::text(defined_at(view)) : json::null())
      .add("models", json::list(models))
      .add("limits", limits_json(project.limits))
      .add("mode", json::text(to_string(spend.mode)))
      .add("timezone", json::text(spend.timezone))
      .add("unpriced", json::text(spend.allow_unpriced ? "allow" : "refuse"))
      .add("spend", json::list(caps))
      .add("version", json::text(view.version))
      .str();
}

std::string project_text(const ProjectView& view) {
  const ProjectConfig& project = view.project;
  const std::vector<CapState>& states = view.caps;
  const SpendConfig& spend = project.spend;
  const std::string limits = limits_text(project.limits);
  std::string text = fmt::format("project    {}\ndefined    {}\n", project.name, defined_at(view));
  text += fmt::format("models     {}\n",
                      project.models.empty() ? "all" : fmt::format("{}", fmt::join(project.models, ", ")));
  text += fmt::format("limits     {}\n", limits.empty() ? "none" : limits);
  text += fmt::format("spend      mode {}, time zone {}, models without a price {}\n", to_string(spend.mode),
                      spend.timezone, spend.allow_unpriced ? "allowed" : "refused if there is a cap");
  if (states.empty()) text += "caps       none\n";
  for (const CapState& state : states) {
    text += fmt::format(
        "cap        {} USD {}: {} spent, {} held, {} left{}\n", state.cap.cap.to_string(),
        state.cap.period == Period::total ? "in total" : fmt::format("a {}", to_string(state.cap.period)),
        state.spent.to_string(), state.held.to_string(), std::max(state.remaining(), MoneySum()).to_string(),
        state.resets_at == WallTime{} ? "" : fmt::format(", resets {}", rfc3339(state.resets_at)));
    if (!state.cap.warn_percent.empty())
      text.insert(text.size() - 1, fmt::format(", warns at {} %", fmt::join(state.cap.warn_percent, ", ")));
  }
  return text;
}

std::vector<Column> project_columns() { return {{"name"}, {"defined"}, {"models"}, {"limits"}, {"caps"}}; }

std::vector<Cell> project_cells(const ProjectView& view) {
  const ProjectConfig& project = view.project;
  return {cell(project.name), cell(view.source), cell(project.models.empty() ? "all" : cell(project.models).text),
          cell(limits_text(project.limits)), cell(caps_text(project.spend))};
}

}  // namespace gateway::app
