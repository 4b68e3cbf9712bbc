#include "app/cli/follow.h"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>
#include <utility>

#include "app/cli/row_fields.h"
#include "base/request_id_source.h"

namespace gateway::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kOverlap = 30s;
constexpr auto kPause = 300ms;

}  // namespace

RowFollower::RowFollower(Ledger& ledger, RowQuery query)
    : ledger_(ledger), query_(std::move(query)), wanted_(query_.state) {
  query_.state.reset();
  query_.limit = 0;
}

void RowFollower::take(const Row& row, std::vector<Row>& found) {
  if (row.state == RowState::open) {
    open_.insert(row.request);
    return;
  }
  const bool is_new = seen_.emplace(Name(row.request, row.attempt, row.entry), row.accepted).second;
  if (is_new && (!wanted_ || row.state == *wanted_)) found.push_back(row);
}

void RowFollower::forget(WallTime before) {
  for (auto it = seen_.begin(); it != seen_.end();) it = it->second < before ? seen_.erase(it) : std::next(it);
}

Result<std::vector<Row>> RowFollower::begin(std::int64_t limit, WallTime now) {
  std::vector<Row> found;
  const auto most = limit == 0 ? found.max_size() : static_cast<std::size_t>(limit);
  const auto done = ledger_.rows(query_, [&](const Row& row) {
    if (found.size() == most && row.accepted < now - kOverlap) return false;
    std::vector<Row> one;
    take(row, one);
    if (!one.empty() && found.size() < most) found.push_back(row);
    return true;
  });
  if (!done) return done.error();
  forget(now - 2 * kOverlap);
  std::reverse(found.begin(), found.end());
  return found;
}

Result<std::vector<Row>> RowFollower::look(WallTime now) {
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

Outcome follow_rows(Ledger& ledger, const RowQuery& query, const ListFlags& flags, Session& session) {
  RowFollower follower(ledger, query);
  Listing listing(session.out, flags.format, row_columns());
  Result<std::vector<Row>> rows = follower.begin(flags.limit, session.now());
  for (;;) {
    if (!rows && rows.error().code != ErrorCode::unavailable) return rows.error();
    if (rows) {
      for (const Row& row : *rows) listing.add(row_cells(row));
      listing.flush();
      if (!session.out) return kFine;
    }
    std::this_thread::sleep_for(kPause);
    rows = follower.look(session.now());
  }
}

}  // namespace gateway::app
