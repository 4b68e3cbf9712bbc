#include "operations/ledger.h"

#include <fmt/format.h>

#include <chrono>
#include <tuple>
#include <utility>

#include "base/time_text.h"
#include "operations/row_cursor.h"

namespace gateway::operations {

Result<LedgerProof> verify_ledger(const Deployment& deployment) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  return (*store)->verify();
}

Result<SweepAnswer> sweep_ledger(const Deployment& deployment, const Sweep& sweep) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  if (!sweep) return Error{ErrorCode::unavailable, "the journals cannot be read here"};
  return sweep(**store);
}

Result<WallTime> prune_midnight(std::string_view parameter, WallTime before, std::string_view text, WallTime now) {
  const WallTime midnight = std::chrono::floor<std::chrono::days>(before);
  if (midnight <= now) return midnight;
  return Error{ErrorCode::invalid,
               fmt::format("{}: expected a day that is not to come, at the latest today, {}, found '{}'", parameter,
                           day_text(now), text)};
}

Result<PruneAnswer> prune_ledger(const Deployment& deployment, WallTime midnight, const Sweep& sweep) {
  auto swept = sweep_ledger(deployment, sweep);
  if (!swept) return std::move(swept).error();
  const auto deleted = deployment.store->prune(midnight, deployment.now);
  if (!deleted) return deleted.error();
  return PruneAnswer{midnight, *deleted, std::move(*swept)};
}

Result<ExportAnswer> export_rows(const Deployment& deployment, RowQuery query, const Page& page,
                                 const std::function<bool(const Row&)>& each) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  if (auto known = resolve_names(deployment, query.project, query.key); !known) return std::move(known).error();
  query.newest_first = false;
  query.limit = 0;
  ExportAnswer answer;
  std::string last;
  bool is_over = false;  // `each` wants no more, or the page is full
  const auto add = [&](const Row& row) {
    if (page.limit != 0 && answer.rows == page.limit) {
      answer.next = std::move(last);
      is_over = true;
      return false;
    }
    if (++answer.rows == page.limit) last = cursor_of(row);
    is_over = !each(row);
    return !is_over;
  };
  if (!page.cursor.empty()) {
    const auto from = read_cursor(page.cursor);
    if (!from) return unknown_cursor(page.cursor);
    // What is left of the request at which the page before ended, then all that follow it.
    if (!query.request || *query.request == from->request) {
      RowQuery rest = query;
      rest.request = from->request;
      const auto done = (*store)->rows(rest, [&](const Row& row) {
        return std::tie(row.attempt, row.entry) <= std::tie(from->attempt, from->entry) || add(row);
      });
      if (!done) return done.error();
    }
    query.after = from->request;
  }
  if (is_over) return answer;
  if (const auto done = (*store)->rows(query, add); !done) return done.error();
  return answer;
}

}  // namespace gateway::operations
