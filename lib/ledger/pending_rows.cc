#include "ledger/pending_rows.h"

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <utility>

#include "base/request_id_source.h"

namespace gateway {
namespace {

constexpr std::string_view kBooked = "reconciled";  // the error code of rows that plan_booking() makes

using AttemptId = std::pair<RequestId, std::uint16_t>;
using Bill = std::pair<std::string, std::chrono::sys_days>;

AttemptId attempt_of(const Row& row) { return {row.request, row.attempt}; }

Bill bill_of(const Row& row) { return {row.provider.str(), std::chrono::floor<std::chrono::days>(row.accepted)}; }

}  // namespace

Result<std::vector<Row>> pending_rows(Ledger& ledger, std::uint64_t process, WallTime now, std::size_t most) {
  RowQuery query;
  query.after = first_id_of(now - kPendingDays);
  query.flags_any = row_flag::backfill_pending;
  query.newest_first = false;
  query.limit = 0;
  std::deque<Row> pending;
  auto read = ledger.rows(query, [&](const Row& row) {
    if (row.process == process || row.generation_id.empty()) return true;
    pending.push_back(row);
    if (pending.size() > most) pending.pop_front();
    return true;
  });
  if (!read) return std::move(read).error();
  if (pending.empty()) return std::vector<Row>{};

  query.flags_any = 0;
  query.state = RowState::adjustment;
  std::set<AttemptId> corrected;
  std::set<Bill> booked;
  read = ledger.rows(query, [&](const Row& row) {
    corrected.insert(attempt_of(row));
    if (row.error_code.view() == kBooked) booked.insert(bill_of(row));
    return true;
  });
  if (!read) return std::move(read).error();
  std::vector<Row> out;
  std::copy_if(pending.begin(), pending.end(), std::back_inserter(out),
               [&](const Row& row) { return !corrected.contains(attempt_of(row)) && !booked.contains(bill_of(row)); });
  return out;
}

}  // namespace gateway
