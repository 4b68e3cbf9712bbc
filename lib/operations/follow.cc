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
// With a bound: how far back most polls look, how often one looks further, at how many times as many rows, and at how
// large a part of the bound the requests may be that are looked at alone.
constexpr auto kUsualOverlap = 2s, kLookBackEvery = 10s;
constexpr std::size_t kLookBackMore = 10, kAlone = 50;

}  // namespace

RowFollower::RowFollower(Ledger& ledger, RowQuery query, std::size_t most)
    : ledger_(ledger), wanted_(std::move(query)), query_(wanted_), most_(most) {
  query_.state = {};
  query_.status.clear();
  query_.code = {};
  query_.served_model = {};
  query_.flags_any = 0;
  query_.streamed.reset();
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
  if (auto done = most_ > 0 ? take_newest(now, recent) : take_recent(now, recent); !done) return done.error();
  RowQuery query = query_;
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

// Requests that were open. One that still is need not be looked at.
Result<void> RowFollower::take_closed(const std::set<RequestId>& before, std::vector<Row>& found) {
  std::set<RequestId> still_open;
  if (most_ > 0 && !before.empty()) {
    const auto rows = ledger_.open_rows(0);
    if (!rows) return rows.error();
    for (const Row& row : *rows) still_open.insert(row.request);
  }
  std::size_t alone = 0;
  RowQuery query = query_;
  for (const RequestId& id : before) {
    if (still_open.contains(id)) {
      open_.insert(id);
      continue;
    }
    if (most_ > 0 && ++alone > most_ / kAlone) {
      is_overrun_ = true;
      break;
    }
    query.request = id;
    if (auto done = ledger_.rows(query, [&](const Row& row) { return take(row, found), true; }); !done) return done;
  }
  return {};
}

Result<void> RowFollower::take_recent(WallTime now, std::vector<Row>& found) {
  RowQuery query = query_;
  query.after = first_id_of(now - kOverlap);
  return ledger_.rows(query, [&](const Row& row) { return take(row, found), true; });
}

Result<void> RowFollower::take_newest(WallTime now, std::vector<Row>& found) {
  const bool looks_back = !is_overrun_ && (now < looked_back_ || now - looked_back_ >= kLookBackEvery);
  if (looks_back) looked_back_ = now;
  const RequestId first = looks_back ? first_id_of(now - kOverlap) : first_id_of(now - kUsualOverlap);
  const std::size_t most = looks_back ? most_ * kLookBackMore : most_;
  std::size_t count = 0;
  RowQuery query = query_;
  query.newest_first = true;
  return ledger_.rows(query, [&](const Row& row) {
    if (row.request <= first) return false;
    if (++count > most) {
      is_overrun_ = !looks_back;
      return false;
    }
    take(row, found);
    return true;
  });
}

Result<std::vector<Row>> RowFollower::poll(WallTime now) {
  std::vector<Row> found;
  const std::set<RequestId> before = std::exchange(open_, {});
  is_overrun_ = false;
  if (auto done = take_closed(before, found); !done) {
    open_.insert(before.begin(), before.end());
    return done.error();
  }
  if (auto done = most_ > 0 ? take_newest(now, found) : take_recent(now, found); !done) return done.error();
  forget(now - 2 * kOverlap);
  std::sort(found.begin(), found.end(), [](const Row& a, const Row& b) { return a.ended < b.ended; });
  return found;
}

Result<MissedRows> rows_since(Ledger& ledger, RowQuery query, WallTime since, std::size_t most) {
  constexpr auto kLongestRequest = 1h;
  constexpr auto kUsualRequest = 1min;  // older ones are looked for by how long they took, but for what their body did
  constexpr std::chrono::microseconds kLonger = 30s;
  constexpr auto kVisibleWithin = 5s;
  constexpr std::size_t kLookedAt = 10;  // rows, for each that may be found
  MissedRows missed;
  const RequestId usual = first_id_of(since - kUsualRequest);
  std::size_t looked_at = 0;
  query.limit = 0;
  query.newest_first = true;
  const auto take = [&](const Row& row) {
    if (row.state == RowState::open || row.ended < since - kVisibleWithin) return true;
    missed.is_truncated = missed.rows.size() == most;
    if (!missed.is_truncated) missed.rows.push_back(row);
    return !missed.is_truncated;
  };
  auto done = ledger.rows(query, [&](const Row& row) {
    if (row.request <= usual) return false;
    if (++looked_at > most * kLookedAt) {
      missed.is_truncated = true;
      return false;
    }
    return take(row);
  });
  if (!done) return done.error();
  if (!missed.is_truncated) {
    query.before = RowName{usual, 0, 0};
    query.since = std::max(query.since.value_or(WallTime::min()), since - kLongestRequest);
    query.min_duration = std::max(query.min_duration.value_or(kLonger), kLonger);
    done = ledger.rows(query,
                       [&](const Row& row) { return row.request > first_id_of(since - kLongestRequest) && take(row); });
    if (!done) return done.error();
  }
  std::sort(missed.rows.begin(), missed.rows.end(), [](const Row& a, const Row& b) { return a.ended < b.ended; });
  return missed;
}

}  // namespace gateway::operations
