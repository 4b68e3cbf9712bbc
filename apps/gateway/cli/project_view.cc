#include "app/cli/project_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/cli/json_out.h"
#include "base/key_text.h"
#include "base/time_text.h"
#include "policy/limits/period.h"

namespace gateway::app {
namespace {

std::string limits_json(const LimitsConfig& limits) {
  return json::Object()
      .add("requests_per_minute", json::optional(limits.requests_per_minute, json::number))
      .add("tokens_per_minute", json::optional(limits.tokens_per_minute, json::number))
      .add("concurrent", json::optional(limits.concurrent, json::number))
      .add("max_output_tokens", json::optional(limits.max_output_tokens, json::number))
      .str();
}

std::string cap_json(const CapState& state) {
  std::vector<std::string> warn;
  for (const int percent : state.cap.warn_percent) warn.push_back(json::number(percent));
  return json::Object()
      .add("period", json::text(to_string(state.cap.period)))
      .add("cap", json::money(state.cap.cap))
      .add("spent", json::money(state.spent))
      .add("held", json::money(state.held))
      .add("remaining", json::money(std::max(state.remaining(), MoneySum())))
      .add("resets_at", json::time(state.resets_at))
      .add("warn", json::list(warn))
      .str();
}

}  // namespace

std::string version_of(const ProjectConfig& project) {
  std::string text = fmt::format("{}|{}|{}|{}", json::text(project.name), limits_json(project.limits),
                                 static_cast<int>(project.spend.mode), project.spend.allow_unpriced);
  for (const std::string& model : project.models) text += json::text(model);
  for (const SpendCap& cap : project.spend.caps) {
    text += fmt::format("|{}/{}/{}", cap.cap.units(), to_string(cap.period), fmt::join(cap.warn_percent, ","));
  }
  text += json::text(project.spend.timezone);
  const KeyHash hash = key_hash(text);
  return fmt::format("{:02x}", fmt::join(hash.begin(), hash.begin() + 8, ""));
}

Result<std::vector<CapState>> cap_states(const ProjectConfig& project, Store* store, WallTime now) {
  std::vector<CapState> states;
  for (const SpendCap& cap : project.spend.caps) {
    CapState state;
    state.cap = cap;
    const PeriodBounds bounds = period_of(cap.period, now, project.spend.zone);
    if (cap.period != Period::total) state.resets_at = bounds.end;
    if (store != nullptr) {
      const auto account = store->account(0, {project.name, cap.period, bounds.start, bounds.end});
      if (!account) return account.error();
      state.spent = account->spent;
      UsageQuery query;
      query.project = project.name;
      if (cap.period != Period::total) query.since = bounds.start;
      const auto sums = store->usage(query);
      if (!sums) return sums.error();
      for (const UsageSum& sum : *sums) state.held += sum.held;
    }
    states.push_back(std::move(state));
  }
  return states;
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

std::string project_json(const ProjectConfig& project, const std::vector<CapState>& states) {
  std::vector<std::string> models, caps;
  for (const std::string& model : project.models) models.push_back(json::text(model));
  for (const CapState& state : states) caps.push_back(cap_json(state));
  const SpendConfig& spend = project.spend;
  return json::Object()
      .add("name", json::text(project.name))
      .add("from_file", json::boolean(project.from_file))
      .add("models", json::list(models))
      .add("limits", limits_json(project.limits))
      .add("mode", json::text(to_string(spend.mode)))
      .add("timezone", json::text(spend.timezone))
      .add("unpriced", json::text(spend.allow_unpriced ? "allow" : "refuse"))
      .add("spend", json::list(caps))
      .add("version", json::text(version_of(project)))
      .str();
}

std::string project_text(const ProjectConfig& project, const std::vector<CapState>& states, const std::string& source) {
  const SpendConfig& spend = project.spend;
  const std::string limits = limits_text(project.limits);
  std::string text = fmt::format("project    {}\ndefined    {}\n", project.name, source);
  text += fmt::format("models     {}\n",
                      project.models.empty() ? "all" : fmt::format("{}", fmt::join(project.models, ", ")));
  text += fmt::format("limits     {}\n", limits.empty() ? "none" : limits);
  text += fmt::format("spend      mode {}, time zone {}, models without a price {}\n", to_string(spend.mode),
                      spend.timezone, spend.allow_unpriced ? "allowed" : "refused where there is a cap");
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

}  // namespace gateway::app
