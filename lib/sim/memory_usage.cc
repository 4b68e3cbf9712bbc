#include "sim/memory_usage.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/calendar.h"
#include "ledger/usage_value.h"

namespace gateway::testing {
namespace {

WallTime time_of(const RefusalCount& refusal) { return WallTime{std::chrono::minutes{refusal.minute}}; }

bool agrees(const UsageQuery& query, WallTime time) {
  return (!query.since || *query.since <= time) && (!query.until || time < *query.until);
}

bool agrees(const UsageQuery& query, const Row& row) {
  return query.project.accepts(row.project.view()) && query.key.accepts(row.key.view()) &&
         query.model.accepts(row.asked_model.view()) && query.served_model.accepts(row.served_model.view()) &&
         query.provider.accepts(row.provider.view()) && query.operation.accepts(row.operation) &&
         query.code.accepts(row.error_code.view()) && agrees(query, row.accepted);
}

bool agrees(const UsageQuery& query, const RefusalCount& refusal) {
  return query.key.empty() && query.provider.empty() && query.served_model.empty() && query.operation.empty() &&
         query.project.accepts(refusal.project.view()) && query.model.accepts(refusal.model.view()) &&
         query.code.accepts(refusal.code.view()) && agrees(query, time_of(refusal));
}

// Sums are kept in steps: a query includes all of each that it touches.
UsageQuery in_whole_steps(UsageQuery query) {
  using Step = std::chrono::duration<std::int64_t, std::ratio<15 * 60>>;
  if (query.since) query.since = std::chrono::floor<Step>(*query.since);
  if (query.until && *query.until < WallTime::max() - Step{1}) query.until = std::chrono::ceil<Step>(*query.until);
  return query;
}

// A part of a sum's key: by what it is sorted among others, then its text.
using Part = std::pair<WallTime, std::string>;

Part part_of_time(CalendarUnit unit, WallTime time, const Zone& zone) {
  const WallTime start = calendar_bounds(unit, time, zone).start;
  return {start, calendar_text(unit, start, zone)};
}

Part part_of(UsageKey key, const Row& row, const Zone& zone) {
  if (const auto unit = calendar_unit(key)) return part_of_time(*unit, row.accepted, zone);
  return {{}, value_of(key, row)};
}

// nullopt: a refusal does not know it.
std::optional<Part> part_of(UsageKey key, const RefusalCount& refusal, const Zone& zone) {
  if (const auto unit = calendar_unit(key)) return part_of_time(*unit, time_of(refusal), zone);
  switch (key) {
    case UsageKey::project:
      return Part{{}, refusal.project.str()};
    case UsageKey::model:
      return Part{{}, refusal.model.str()};
    case UsageKey::code:
      return Part{{}, refusal.code.str()};
    default:
      return std::nullopt;
  }
}

void add(UsageSum& sum, const Row& row) {
  if (row.entry == 0) {
    ++sum.attempts;
    sum.last = std::max(sum.last, calendar_bounds(CalendarUnit::quarter, row.accepted, {}).start);
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

std::vector<UsageSum> sum_usage(const UsageQuery& asked, const MemoryRows& rows,
                                const std::vector<RefusalCount>& refusals) {
  const UsageQuery query = in_whole_steps(asked);
  std::map<std::vector<Part>, UsageSum> sums;
  if (query.by.empty()) sums[{}];
  rows.each([&](const Row& row) {
    if (!agrees(query, row)) return;
    std::vector<Part> key;
    for (const UsageKey part : query.by) key.push_back(part_of(part, row, query.zone));
    add(sums[key], row);
  });
  for (const RefusalCount& refusal : refusals) {
    if (!agrees(query, refusal)) continue;
    std::vector<Part> key;
    for (const UsageKey part : query.by) {
      if (auto value = part_of(part, refusal, query.zone)) key.push_back(*std::move(value));
    }
    if (key.size() != query.by.size()) continue;
    UsageSum& sum = sums[key];
    sum.refused += refusal.count;
    sum.last = std::max(sum.last, calendar_bounds(CalendarUnit::quarter, time_of(refusal), {}).start);
  }
  std::vector<UsageSum> out;
  for (auto& [key, sum] : sums) {
    for (const Part& part : key) sum.key.push_back(part.second);
    out.push_back(std::move(sum));
  }
  return out;
}

}  // namespace gateway::testing
