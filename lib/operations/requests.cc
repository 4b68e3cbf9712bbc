#include "operations/requests.h"

#include <limits>
#include <utility>

#include "operations/row_cursor.h"
#include "operations/why_no_row.h"

namespace gateway::operations {
Result<RequestsAnswer> list_requests(const Deployment& deployment, RowQuery query, const Page& page,
                                     const std::function<bool(const Row&)>& each) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  if (auto known = resolve_names(deployment, query.project, query.key); !known) return std::move(known).error();
  if (!page.cursor.empty()) {
    query.before = read_cursor(page.cursor);
    if (!query.before) return unknown_cursor(page.cursor);
  }
  query.newest_first = true;
  const bool is_bounded = page.limit > 0 && page.limit < std::numeric_limits<std::int64_t>::max();
  query.limit = is_bounded ? page.limit + 1 : 0;
  RequestsAnswer answer;
  std::string last;
  const auto done = (*store)->rows(query, [&](const Row& row) {
    if (page.limit != 0 && answer.rows == page.limit) {
      answer.next = std::move(last);
      return false;
    }
    ++answer.rows;
    if (answer.rows == page.limit) last = cursor_of(row);
    return each(row);
  });
  if (!done) return done.error();
  if (answer.rows > 0 || !query.request || query.before) return answer;
  auto reason = why_no_row(**store, *query.request, query.project);
  if (!reason) return std::move(reason).error();
  answer.reason = std::move(*reason);
  return answer;
}

}  // namespace gateway::operations
