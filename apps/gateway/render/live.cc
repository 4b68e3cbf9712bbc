#include "app/render/live.h"

#include <fmt/format.h>

#include <vector>

#include "app/render/json.h"
#include "app/render/price_view.h"
#include "app/render/project_view.h"

namespace gateway::app {
namespace {

std::string target_json(const TargetHealthView& target) {
  return json::Object()
      .add("model", json::text(target.model))
      .add("key", target.key.empty() ? json::null() : json::text(target.key))
      .add("breaker", json::text(to_string(target.state)))
      .add("cooling_ms", json::number(target.cooling.count()))
      .add("reason", target.reason ? json::text(to_string(*target.reason)) : json::null())
      .add("outlier", target.resting.count() > 0 ? json::text(to_string(target.outlier)) : json::null())
      .add("resting_ms", json::number(target.resting.count()))
      .str();
}

std::string percentiles_json(const std::optional<operations::Percentiles>& percentiles) {
  const auto milliseconds = [](std::chrono::microseconds length) {
    return json::number(std::chrono::ceil<std::chrono::milliseconds>(length).count());
  };
  if (!percentiles) return json::null();
  return json::Object().add("p50", milliseconds(percentiles->p50)).add("p95", milliseconds(percentiles->p95)).str();
}

std::string window_json(const operations::HealthWindow& window, bool is_complete) {
  json::Object codes;
  for (const auto& [code, count] : window.codes) codes.add(code, json::number(count));
  const double share =
      window.attempts == 0 ? 0 : static_cast<double>(window.failed) / static_cast<double>(window.attempts);
  return json::Object()
      .add("attempts", json::number(window.attempts))
      .add("failed", json::number(window.failed))
      .add("error_share", window.attempts == 0 ? json::null() : fmt::format("{:.4f}", share))
      .add("codes", codes.str())
      .add("first_byte_ms", percentiles_json(window.first_byte))
      .add("duration_ms", percentiles_json(window.duration))
      .add("cost", json::money(window.cost))
      .add("complete", json::boolean(is_complete))
      .str();
}

std::string record_json(const operations::TargetRecord& record, const operations::RecentHealth& recent) {
  json::Object windows;
  for (std::size_t i = 0; i < record.windows.size(); ++i)
    windows.add(operations::kHealthWindows[i].name, window_json(record.windows[i], recent.is_complete[i]));
  return json::Object()
      .add("model", json::text(record.model))
      .add("last_success", json::optional(record.last_success, json::time))
      .add("last_failure", json::optional(record.last_failure, json::time))
      .add("last_error", record.last_failure ? json::text(record.last_error) : json::null())
      .add("windows", windows.str())
      .str();
}

std::string provider_json(const operations::ProviderHealth& provider, const operations::RecentHealth& recent) {
  std::vector<std::string> targets, records;
  for (const operations::TargetRecord& record : recent.targets) {
    if (record.provider == provider.provider) records.push_back(record_json(record, recent));
  }
  for (const TargetHealthView& target : provider.targets) targets.push_back(target_json(target));
  return json::Object()
      .add("provider", json::text(provider.provider))
      .add("usable", json::boolean(provider.is_usable))
      .add("targets", json::list(targets))
      .add("recent", json::list(records))
      .str();
}

std::string forecast_json(const Forecast& forecast) {
  return json::Object()
      .add("spent_at_reset", json::optional(forecast.spent_at_reset, json::money))
      .add("low", json::optional(forecast.low, json::money))
      .add("high", json::optional(forecast.high, json::money))
      .add("exhausted_at", json::optional(forecast.exhausted_at, json::time))
      .add("basis", json::text(basis_text(forecast)))
      .str();
}

}  // namespace

std::string model_json(const ListedModel& model, const operations::PriceSource& source) {
  const auto text_or_null = [](const std::string& text) { return text.empty() ? json::null() : json::text(text); };
  std::vector<std::string> differences;
  for (const operations::PriceDifference& each : source.differences) {
    differences.push_back(json::Object()
                              .add("figure", json::text(each.figure))
                              .add("condition", text_or_null(each.condition))
                              .add("here", text_or_null(each.kept))
                              .add("listed", text_or_null(each.now))
                              .add("unit", text_or_null(each.unit))
                              .str());
  }
  return json::Object()
      .add("id", json::text(model.id))
      .add("provider", json::text(model.owned_by))
      .add("context_length", model.context_length > 0 ? json::number(model.context_length) : json::null())
      .add("prices", model.prices.known() ? prices_json(model.prices) : json::null())
      .add("price_version", text_or_null(source.version))
      .add("list_version", text_or_null(source.list_version))
      .add("list_differs", json::list(differences))
      .str();
}

std::string budget_json(const operations::Budget& budget) {
  return json::Object()
      .add("project", json::text(budget.project))
      .add("mode", json::text(to_string(budget.mode)))
      .add("timezone", json::text(budget.timezone))
      .add_members_of(cap_object(budget.state))
      .add("forecast", forecast_json(budget.forecast))
      .str();
}

std::string limits_view_json(const ProjectLimitsView& view) {
  return json::Object()
      .add("project", json::text(view.project))
      .add("in_flight", json::number(view.in_flight))
      .add("requests_remaining", json::optional(view.requests_remaining, json::number))
      .add("tokens_remaining", json::optional(view.tokens_remaining, json::number))
      .add("concurrent_remaining", json::optional(view.concurrent_remaining, json::number))
      .str();
}

std::string staged_json(const StagedShare& share) {
  return json::Object().add("percent", json::number(share.percent)).add("of", json::text(to_string(share.of))).str();
}

std::string system_json(const operations::SystemAnswer& answer) {
  const operations::Host& host = answer.host;
  const CoreStats& stats = answer.stats;
  return json::Object()
      .add("version", json::text(host.version))
      .add("libraries", json::text(host.libraries))
      .add("started_at", json::time(host.started))
      .add("uptime_seconds", json::number(answer.uptime.count()))
      .add("workers", json::number(host.workers))
      .add("memory_bytes", host.memory_bytes > 0 ? json::number(host.memory_bytes) : json::null())
      .add("buffered_bytes", json::number(stats.buffered_bytes))
      .add("in_flight", json::number(stats.in_flight))
      .add("ledger_writable", json::boolean(stats.ledger_writable))
      .add("journal_lag", json::number(stats.ledger_queued))
      .add("journal_damaged", json::number(stats.journal_damaged))
      .add("draining", json::boolean(stats.draining))
      .add("staged", json::optional(stats.staged, staged_json))
      .str();
}

std::string health_json(const operations::HealthAnswer& answer) {
  std::vector<std::string> providers;
  for (const operations::ProviderHealth& provider : answer.providers)
    providers.push_back(provider_json(provider, answer.recent));
  const CoreStats& stats = answer.stats;
  return json::Object()
      .add("in_flight", json::number(stats.in_flight))
      .add("buffered_bytes", json::number(stats.buffered_bytes))
      .add("ledger_queued", json::number(stats.ledger_queued))
      .add("ledger_writable", json::boolean(stats.ledger_writable))
      .add("journal_damaged", json::number(stats.journal_damaged))
      .add("draining", json::boolean(stats.draining))
      .add("providers", json::list(providers))
      .str();
}

}  // namespace gateway::app
