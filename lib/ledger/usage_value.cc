#include "ledger/usage_value.h"

#include <algorithm>
#include <tuple>

namespace gateway {
namespace {

bool has_status(const RowQuery& query, const Row& row) {
  return query.status.empty() ||
         std::any_of(query.status.begin(), query.status.end(), [&row](const StatusRange& range) {
           return row.status != 0 && range.first <= row.status && row.status <= range.last;
         });
}

bool lasted(const Row& row, std::chrono::microseconds at_least) {
  return row.ended != WallTime{} && row.ended - row.accepted >= at_least;
}

}  // namespace

std::string value_of(UsageKey key, const Row& row, const Zone& zone) {
  if (const auto unit = calendar_unit(key))
    return calendar_text(*unit, calendar_bounds(*unit, row.accepted, zone).start, zone);
  switch (key) {
    case UsageKey::project:
      return row.project.str();
    case UsageKey::key:
      return row.key.str();
    case UsageKey::model:
      return row.asked_model.str();
    case UsageKey::served_model:
      return row.served_model.str();
    case UsageKey::provider:
      return row.provider.str();
    case UsageKey::operation:
      return std::string(to_string(row.operation));
    case UsageKey::state:
      return std::string(to_string(row.state));
    case UsageKey::code:
      return row.error_code.str();
    default:
      return {};
  }
}

bool matches(const RowQuery& query, const Row& row) {
  return query.project.accepts(row.project.view()) && query.key.accepts(row.key.view()) &&
         query.model.accepts(row.asked_model.view()) && query.served_model.accepts(row.served_model.view()) &&
         query.provider.accepts(row.provider.view()) && query.operation.accepts(row.operation) &&
         query.state.accepts(row.state) && query.code.accepts(row.error_code.view()) && has_status(query, row) &&
         (!query.min_cost || row.cost >= *query.min_cost) &&
         (!query.min_duration || lasted(row, *query.min_duration)) && (!query.since || *query.since <= row.accepted) &&
         (!query.until || row.accepted < *query.until) && (!query.request || *query.request == row.request) &&
         (!query.after || *query.after < row.request) &&
         (!query.before || std::tie(row.request, row.attempt, row.entry) <
                               std::tie(query.before->request, query.before->attempt, query.before->entry)) &&
         (query.flags_any == 0 || (query.flags_any & row.flags) != 0) &&
         (!query.streamed || *query.streamed == row.streamed);
}

}  // namespace gateway
