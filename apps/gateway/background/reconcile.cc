#include "app/background/reconcile.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/background/provider_get.h"
#include "app/values/moments.h"
#include "billing/bill_days.h"
#include "wire/openrouter/activity.h"
#include "wire/openrouter/key_usage.h"

namespace gateway::app {
namespace {

Result<std::ifstream> open_file(const std::string& path) {
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, ignored)) {
    return Error{ErrorCode::not_found, "'" + path + "' cannot be read"};
  }
  return file;
}

Result<std::string> read_file(const std::string& path) {
  const auto opened = open_file(path);
  if (!opened) return opened.error();
  const std::ifstream& file = *opened;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

Result<std::string> read_bill(const Config& config, const ReconcileRequest& request, const std::stop_token& stop) {
  if (request.file) return read_file(*request.file);
  const auto provider = provider_of(config, request.provider);
  if (!provider) return provider.error();
  if ((*provider)->config.type != ProviderType::openrouter) {
    return Error{ErrorCode::refused,
                 "provider '" + request.provider + "' publishes no bill: give an exported one by --file"};
  }
  if ((*provider)->management.empty()) {
    return Error{ErrorCode::refused,
                 "provider '" + request.provider + "' has no management_key: give an exported bill by --file"};
  }
  return provider_get(*provider, "/activity", Credential::management_key, stop);
}

// Nothing of a bill that cannot be read is the command line's fault.
Result<std::vector<ActivityRow>> read_rows(const ReconcileRequest& request, std::string_view text) {
  auto rows = read_activity(text);
  if (rows) return rows;
  const std::string source = request.file ? "'" + *request.file + "'" : request.provider + "/activity";
  return Error{ErrorCode::corrupt, source + " cannot be read as a bill: " + rows.error().detail};
}

Result<ReconcileQuery> query_of(const ReconcileRequest& request, const std::vector<ActivityRow>& bill, WallTime now) {
  ReconcileQuery query;
  query.provider = request.provider;
  query.zone = request.zone;
  const WallTime today = calendar_bounds(CalendarUnit::day, now, query.zone).start;
  query.since = calendar_bounds(CalendarUnit::day, today - kDaysOfBill, query.zone).start;
  query.until = today;
  const bool named = request.since && request.until;
  if (request.file && !named) {
    if (bill.empty()) {
      return Error{ErrorCode::refused, "'" + *request.file + "' has no line, so that it covers no day"};
    }
    const auto [first, last] = std::minmax_element(
        bill.begin(), bill.end(), [](const ActivityRow& a, const ActivityRow& b) { return a.day < b.day; });
    query.since = parse_day_of(first->day, query.zone)->start;
    if (!request.since) query.until = parse_day_of(last->day, query.zone)->end;
    if (!request.since && !request.until) query.covers = BillCovers::its_days;
  }
  if (named) query.covers = BillCovers::vouched;
  query.since = request.since.value_or(query.since);
  query.until = request.until.value_or(query.until);
  if (query.since < query.until) return query;
  return Error{ErrorCode::refused, fmt::format("there is no day to compare from {} on and before {}",
                                               day_of(query.since, query.zone), day_of(query.until, query.zone))};
}

}  // namespace

Result<std::shared_ptr<const Provider>> provider_of(const Config& config, const std::string& name) {
  std::string known;
  for (const ProviderConfig& provider : config.providers) {
    if (provider.name == name) return make_provider(provider);
    known += (known.empty() ? "" : ", ") + provider.name;
  }
  return Error{ErrorCode::not_found,
               "there is no provider '" + name + "'; there are: " + (known.empty() ? "none" : known)};
}

Result<std::shared_ptr<const Provider>> openrouter_of(const Config& config, const std::string& name,
                                                      std::string_view what) {
  auto provider = provider_of(config, name);
  if (!provider) {
    Error error = std::move(provider).error();
    if (error.code != ErrorCode::not_found) return error;
    for (const ProviderConfig& other : config.providers) {
      if (other.type == ProviderType::openrouter) return usage_error("--provider: " + error.detail);
    }
    return usage_error(fmt::format(
        "--provider: there is no provider '{}', and none of type openrouter, the only one that publishes its {}", name,
        what));
  }
  if ((*provider)->config.type == ProviderType::openrouter) return provider;
  return usage_error(fmt::format("--provider: '{}' is not of type openrouter, so it publishes no {}", name, what));
}

Result<void> check_bill(const std::string& path) {
  const auto opened = open_file(path);
  return opened ? Result<void>() : Result<void>(opened.error());
}

Result<Reconciliation> reconcile_with(Ledger& ledger, const Config& config, const ReconcileRequest& request,
                                      WallTime now, const std::stop_token& stop) {
  const auto text = read_bill(config, request, stop);
  if (!text) return text.error();
  auto bill = read_rows(request, *text);
  if (!bill) return bill.error();
  const auto query = query_of(request, *bill, now);
  if (!query) return query.error();
  auto lines = reconcile(ledger, *query, *bill);
  if (!lines) return lines.error();
  return Reconciliation{std::move(*bill), *query, std::move(*lines)};
}

Result<Money> spent_today(const Config& config, const std::string& name) {
  const auto provider = provider_of(config, name);
  if (!provider) return provider.error();
  const auto body = provider_get(*provider, "/key", Credential::api_key);
  if (!body) return body.error();
  return read_usage_of_today(*body);
}

}  // namespace gateway::app
