#include "app/cli/remote_views.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "app/cli/members.h"
#include "app/render/table.h"

namespace gateway::app {
namespace {

using simdjson::dom::element;

std::uint32_t flags_of(const Members& row) {
  std::uint32_t flags = 0;
  row.each("flags", [&flags](element item) {
    std::string_view name;
    if (item.get(name) != simdjson::SUCCESS) return;
    for (std::uint32_t bit = 1; bit <= row_flag::staged; bit <<= 1) {
      if (row_flags_to_string(bit) == name) flags |= bit;
    }
  });
  return flags;
}

// False: it is no row that this program knows.
bool read_row(const Members& from, Row& row) {
  bool sound = RequestId::parse(from.text("request_id"), row.request) && parse(from.text("state"), row.state) &&
               parse(from.text("endpoint"), row.operation) && parse(from.text("cost_source"), row.cost_source);
  if (from.has("surface")) sound = parse(from.text("surface"), row.surface) && sound;
  row.attempt = static_cast<std::uint16_t>(from.number("attempt"));
  row.entry = static_cast<std::uint16_t>(from.number("entry"));
  row.accepted = from.time("accepted");
  row.dispatched = from.time("dispatched");
  row.first_byte = from.time("first_byte");
  row.ended = from.time("ended");
  row.project = from.text("project");
  row.key = from.text("key");
  row.asked_model = from.text("asked_model");
  row.target_model = from.text("target_model");
  row.served_model = from.text("served_model");
  row.provider = from.text("provider");
  row.error_code = from.text("error_code");
  row.price_version = from.text("price_version");
  row.finish_reason = from.text("finish_reason");
  row.generation_id = from.text("generation_id");
  row.client_request_id = from.text("client_request_id");
  row.status = static_cast<std::int32_t>(from.number("status"));
  row.streamed = from.truth("streamed");
  row.flags = flags_of(from);
  row.usage = {.input = from.number("input_tokens"),
               .cached_input = from.number("cached_input_tokens"),
               .cache_write = from.number("cache_write_tokens"),
               .output = from.number("output_tokens"),
               .reasoning = from.number("reasoning_tokens"),
               .images = from.number("images"),
               .audio_ms = from.number("audio_ms"),
               .characters = from.number("characters"),
               .searches = from.number("searches")};
  row.hold = from.money("hold");
  row.cost = from.money("cost");
  row.upstream_cost = from.money("upstream_cost");
  return sound;
}

operations::CapState cap_of(const Members& from) {
  operations::CapState state;
  parse(from.text("period"), state.cap.period);
  state.cap.cap = from.money("cap");
  from.each("warn", [&state](element percent) {
    std::int64_t value = 0;
    if (percent.get(value) == simdjson::SUCCESS) state.cap.warn_percent.push_back(static_cast<int>(value));
  });
  state.spent = from.sum("spent");
  state.held = from.sum("held");
  state.resets_at = from.time("resets_at");
  return state;
}

// "too early", "3 weeks", "1 day"
void read_basis(std::string_view text, Forecast& forecast) {
  const std::size_t space = std::min(text.find(' '), text.size());
  std::from_chars(text.data(), text.data() + space, forecast.samples);
  if (forecast.samples > 0)
    forecast.basis = text.substr(space).starts_with(" week") ? ForecastBasis::weeks : ForecastBasis::days;
}

Forecast forecast_of(const Members& from) {
  const auto sum = [&from](const char* name) { return from.has(name) ? std::optional(from.sum(name)) : std::nullopt; };
  Forecast forecast;
  forecast.spent_at_reset = sum("spent_at_reset");
  forecast.low = sum("low");
  forecast.high = sum("high");
  if (from.has("exhausted_at")) forecast.exhausted_at = from.time("exhausted_at");
  read_basis(from.text("basis"), forecast);
  return forecast;
}

operations::ProjectView view_of(const Members& from) {
  operations::ProjectView view;
  ProjectConfig& project = view.project;
  project.name = from.text("name");
  project.from_file = from.truth("from_file");
  view.source = project.from_file ? "in the server's configuration" : "in the server's database";
  if (const std::string_view place = from.text("defined_at"); !place.empty()) view.source = place;
  view.version = from.text("version");
  from.each("models", [&project](element model) {
    std::string_view name;
    if (model.get(name) == simdjson::SUCCESS) project.models.emplace_back(name);
  });
  if (from.has("limits")) {
    const Members limits(from.at("limits"));
    project.limits.requests_per_minute = limits.optional_number("requests_per_minute");
    project.limits.tokens_per_minute = limits.optional_number("tokens_per_minute");
    project.limits.concurrent = limits.optional_number("concurrent");
    project.limits.max_output_tokens = limits.optional_number("max_output_tokens");
  }
  parse(from.text("mode"), project.spend.mode);
  project.spend.timezone = from.text("timezone");
  project.spend.allow_unpriced = from.text("unpriced") == "allow";
  from.each("spend", [&](element cap) {
    view.caps.push_back(cap_of(Members(cap)));
    project.spend.caps.push_back(view.caps.back().cap);
  });
  return view;
}

Error no_answer() { return {ErrorCode::protocol, "the answer is none of an administration that this program knows"}; }

}  // namespace

Result<std::vector<Row>> remote_rows(const RemoteFlags& remote, const std::string& path, Session& session) {
  const auto entries = remote_entries(remote, path, 0, session);
  if (!entries) return entries.error();
  std::vector<Row> rows(entries->size());
  simdjson::dom::parser parser;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    element entry;
    if (parser.parse((*entries)[i]).get(entry) != simdjson::SUCCESS || !read_row(Members(entry), rows[i]))
      return no_answer();
  }
  return rows;
}

Result<std::vector<operations::Budget>> remote_budgets(const RemoteFlags& remote,
                                                       const std::optional<std::string>& project, Session& session) {
  const std::string query = project ? "?project=" + percent_encoded(*project) : std::string();
  const auto entries = remote_entries(remote, "budgets" + query, 0, session);
  if (!entries) return entries.error();
  std::vector<operations::Budget> budgets;
  simdjson::dom::parser parser;
  for (const std::string& each : *entries) {
    element entry;
    if (parser.parse(each).get(entry) != simdjson::SUCCESS) return no_answer();
    const Members from(entry);
    operations::Budget budget{.project = std::string(from.text("project")),
                              .timezone = std::string(from.text("timezone")),
                              .state = cap_of(from)};
    parse(from.text("mode"), budget.mode);
    if (from.has("forecast")) budget.forecast = forecast_of(Members(from.at("forecast")));
    budgets.push_back(std::move(budget));
  }
  return budgets;
}

Result<std::string> own_project(const RemoteFlags& remote, Session& session) {
  if (!remote.url) return usage_error("--project: expected a project's name");
  const auto entries = remote_entries(remote, "limits", 2, session);
  if (!entries) return entries.error();
  simdjson::dom::parser parser;
  element entry;
  if (entries->size() == 1 && parser.parse(entries->front()).get(entry) == simdjson::SUCCESS)
    return std::string(Members(entry).text("project"));
  return usage_error("--project: expected a project's name; only the key of a project says which is meant");
}

operations::ProjectView project_view_of(const std::string& json) {
  simdjson::dom::parser parser;
  element entry;
  return parser.parse(json).get(entry) == simdjson::SUCCESS ? view_of(Members(entry)) : operations::ProjectView{};
}

Result<operations::ProjectView> remote_project(const RemoteFlags& remote, const std::string& name, Session& session) {
  const auto document = remote_document(remote, "projects/" + percent_encoded(name), session);
  if (!document) return document.error();
  return project_view_of(*document);
}

Result<std::vector<operations::Cause>> remote_causes(const RemoteFlags& remote, const operations::WhyQuery& query,
                                                     const std::string& since, const std::vector<std::string>& counted,
                                                     Session& session) {
  std::vector<operations::Cause> causes;
  for (const bool refused : {true, false}) {
    std::string path = fmt::format("usage?by=code,model{}&project={}&since={}", refused ? "" : ",provider",
                                   percent_encoded(query.project), percent_encoded(since));
    if (query.model && !refused) path += "&model=" + percent_encoded(*query.model);
    const auto entries = remote_entries(remote, path, 0, session);
    if (!entries) return entries.error();
    simdjson::dom::parser parser;
    for (const std::string& each : *entries) {
      element entry;
      if (parser.parse(each).get(entry) != simdjson::SUCCESS) return no_answer();
      const Members sum(entry);
      const std::string_view code = sum.text("code");
      const std::int64_t count = sum.number(refused ? "refused" : "failed");
      if (count == 0 || code.empty() || (query.code && code != *query.code)) continue;
      // No parameter has an empty value, as the model of those without a route.
      const bool is_counted = std::find(counted.begin(), counted.end(), sum.text("model")) != counted.end();
      if (refused && query.model && !is_counted) continue;
      causes.push_back({std::string(code), std::string(sum.text("model")), std::string(sum.text("provider")),
                        refused ? count : 0, refused ? 0 : count});
    }
  }
  std::stable_sort(causes.begin(), causes.end(),
                   [](const auto& a, const auto& b) { return a.refused + a.failed > b.refused + b.failed; });
  return causes;
}

Result<RemoteExplanation> remote_explanation(const RemoteFlags& remote, const RemoteQuestion& question,
                                             Session& session) {
  std::string path =
      fmt::format("explain?project={}&endpoint={}", percent_encoded(question.project), question.endpoint);
  if (!question.model.empty()) path += "&model=" + percent_encoded(question.model);
  const std::string token = session.environment(remote.token_variable).value_or("");
  auto document = question.body.empty() ? remote_document(remote, path, session)
                                        : remote_call(remote, token, "POST", path, question.body);
  if (!document) return std::move(document).error();
  RemoteExplanation found;
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(*document).get(root) != simdjson::SUCCESS) return no_answer();
  const Members answer(root);
  found.route = answer.text("route");
  if (answer.has("refusal")) {
    const Members refusal(answer.at("refusal"));
    const std::string_view code = refusal.text("code");
    found.refusal = fmt::format("{} {}: {}", refusal.number("status"), code.empty() ? refusal.text("type") : code,
                                refusal.text("message"));
  }
  found.json = std::move(*document);
  return found;
}

}  // namespace gateway::app
