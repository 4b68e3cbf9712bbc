#include "sim/memory_usage.h"

#include <algorithm>
#include <map>

#include "base/time_text.h"

namespace gateway::testing {
namespace {

bool agrees(const std::optional<std::string>& wanted, std::string_view has) { return !wanted || *wanted == has; }

template <class Query>
bool agrees(const Query& query, WallTime time) {
  return (!query.since || *query.since <= time) && (!query.until || time < *query.until);
}

template <class Query>
bool agrees(const Query& query, const Row& row) {
  return agrees(query.project, row.project) && agrees(query.key, row.key) && agrees(query.model, row.asked_model) &&
         agrees(query.provider, row.provider) && agrees(query, row.accepted);
}

// Sums are kept in steps: a query takes in the whole of each that it touches.
UsageQuery in_whole_steps(UsageQuery query) {
  using Step = std::chrono::duration<std::int64_t, std::ratio<15 * 60>>;
  if (query.since) query.since = std::chrono::floor<Step>(*query.since);
  if (query.until && *query.until < WallTime::max() - Step{1}) query.until = std::chrono::ceil<Step>(*query.until);
  return query;
}

WallTime time_of(const RefusalCount& refusal) { return WallTime{std::chrono::minutes{refusal.minute}}; }

std::string hour_text(WallTime time) { return rfc3339(std::chrono::floor<std::chrono::hours>(time)); }

std::string value_of(UsageKey key, const Row& row) {
  switch (key) {
    case UsageKey::day:
      return day_text(row.accepted);
    case UsageKey::hour:
      return hour_text(row.accepted);
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
  }
  return {};
}

// nullopt: a refusal does not know it.
std::optional<std::string> value_of(UsageKey key, const RefusalCount& refusal) {
  switch (key) {
    case UsageKey::day:
      return day_text(time_of(refusal));
    case UsageKey::hour:
      return hour_text(time_of(refusal));
    case UsageKey::project:
      return refusal.project.str();
    case UsageKey::model:
      return refusal.model.str();
    case UsageKey::code:
      return refusal.code.str();
    default:
      return std::nullopt;
  }
}

void add(UsageSum& sum, const Row& row) {
  if (row.entry == 0) {
    ++sum.attempts;
    if (row.attempt == 1) ++sum.requests;
    if (row.state == RowState::failed || row.state == RowState::interrupted) ++sum.failed;
  }
  if (row.state == RowState::open) {
    ++sum.open;
    sum.held += row.hold;
    return;
  }
  sum.usage += row.usage;
  sum.cost += row.cost;
  sum.upstream_cost += row.upstream_cost;
}

}  // namespace

bool matches(const RowQuery& query, const Row& row) {
  return agrees(query, row) && (!query.state || *query.state == row.state) &&
         (!query.request || *query.request == row.request) && (!query.after || *query.after < row.request) &&
         (query.flags_any == 0 || (query.flags_any & row.flags) != 0);
}

std::vector<UsageSum> sum_usage(const UsageQuery& asked, const MemoryRows& rows,
                                const std::vector<RefusalCount>& refusals) {
  const UsageQuery query = in_whole_steps(asked);
  std::map<std::vector<std::string>, UsageSum> sums;
  if (query.by.empty()) sums[{}];
  rows.each([&](const Row& row) {
    if (!agrees(query, row)) return;
    std::vector<std::string> key;
    for (const UsageKey part : query.by) key.push_back(value_of(part, row));
    add(sums[key], row);
  });
  for (const RefusalCount& refusal : refusals) {
    if (query.key || query.provider || !agrees(query.project, refusal.project) || !agrees(query.model, refusal.model) ||
        !agrees(query, time_of(refusal))) {
      continue;
    }
    std::vector<std::string> key;
    for (const UsageKey part : query.by) {
      if (auto value = value_of(part, refusal)) key.push_back(*std::move(value));
    }
    if (key.size() == query.by.size()) sums[key].refused += refusal.count;
  }
  std::vector<UsageSum> out;
  for (auto& [key, sum] : sums) {
    sum.key = key;
    out.push_back(std::move(sum));
  }
  return out;
}

}  // namespace gateway::testing
