#include "operations/follow.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/request_id_source.h"
#include "ledger/usage_value.h"

namespace gateway::operations {
namespace {

using namespace std::chrono_literals;

constexpr auto kOverlap = 30s;

}  // namespace

RowFollower::RowFollower(Ledger& ledger, RowQuery query) : ledger_(ledger), wanted_(std::move(query)), query_(wanted_) {
  query_.state = {};
  query_.status.clear();
  query_.code = {};
  query_.served_model = {};
  query_.flags_any = 0;
  query_.min_cost.reset();
  query_.min_duration.reset();
  query_.limit = 0;
}

void RowFollower::take(const Row& row, std::vector<Row>& found) {
  if (row.state == RowState::open) {
    open_.insert(row.request);
    return;
  }
  const bool is_new = seen_.emplace(Name(row.request, row.attempt, row.entry), row.accepted).second;
  if (is_new && matches(wanted_, row)) found.push_back(row);
}

void RowFollower::forget(WallTime before) {
  for (auto it = seen_.begin(); it != seen_.end();) it = it->second < before ? seen_.erase(it) : std::next(it);
}

Result<std::vector<Row>> RowFollower::start(std::int64_t limit, WallTime now) {
  // First what poll() has to know, then what is shown: a row that is closed in between is in both.
  std::vector<Row> recent;
  RowQuery query = query_;
  query.after = first_id_of(now - kOverlap);
  if (auto done = ledger_.rows(query, [&](const Row& row) { return take(row, recent), true; }); !done)
    return done.error();
  query.after = query_.after;
  query.state = RowState::open;
  if (auto done = ledger_.rows(query, [&](const Row& row) { return take(row, recent), true; }); !done)
    return done.error();

  std::vector<Row> found;
  const auto most = limit == 0 ? found.max_size() : static_cast<std::size_t>(limit);
  query = wanted_;
  query.limit = 0;
  query.newest_first = true;
  const auto done = ledger_.rows(query, [&](const Row& row) {
    if (row.state == RowState::open) return true;
    if (found.size() == most) return false;
    found.push_back(row);
    if (row.accepted >= now - 2 * kOverlap || open_.contains(row.request))
      seen_.emplace(Name(row.request, row.attempt, row.entry), row.accepted);
    return true;
  });
  if (!done) return done.error();
  std::reverse(found.begin(), found.end());
  return found;
}

Result<std::vector<Row>> RowFollower::poll(WallTime now) {
  std::vector<Row> found;
  const auto each = [&](const Row& row) {
    take(row, found);
    return true;
  };
  RowQuery query = query_;
  const std::set<RequestId> before = std::exchange(open_, {});
  for (const RequestId& id : before) {
    query.request = id;
    if (auto done = ledger_.rows(query, each); !done) {
      open_.insert(before.begin(), before.end());
      return done.error();
    }
  }
  query.request = query_.request;
  query.after = first_id_of(now - kOverlap);
  if (auto done = ledger_.rows(query, each); !done) return done.error();
  forget(now - 2 * kOverlap);
  std::sort(found.begin(), found.end(), [](const Row& a, const Row& b) { return a.ended < b.ended; });
  return found;
}

Result<std::vector<Row>> rows_since(Ledger& ledger, RowQuery query, WallTime since, std::size_t most) {
  constexpr auto kLongestRequest = 1h;
  constexpr auto kVisibleWithin = 5s;
  query.limit = 0;
  query.after = first_id_of(since - kLongestRequest);
  std::vector<Row> found;
  bool are_too_many = false;
  const auto done = ledger.rows(query, [&](const Row& row) {
    if (row.state == RowState::open || row.ended < since - kVisibleWithin) return true;
    are_too_many = found.size() == most;
    if (!are_too_many) found.push_back(row);
    return !are_too_many;
  });
  if (!done) return done.error();
  if (are_too_many) return Error{ErrorCode::refused, "too many rows were closed since; list them instead"};
  std::sort(found.begin(), found.end(), [](const Row& a, const Row& b) { return a.ended < b.ended; });
  return found;
}

}  // namespace gateway::operations
