#include "ledger/writer.h"

#include <algorithm>

namespace gateway {

Result<Drained> LedgerWriter::drain(std::size_t limit) {
  Drained drained;
  read_.rows.clear();
  read_.refusals.clear();
  read_.damaged = 0;
  ends_.clear();
  const std::size_t share = std::max<std::size_t>(1, limit / std::max<std::size_t>(1, journals_.size()));
  for (Journal* const journal : journals_) {
    const std::uint64_t begin = journal->confirmed();
    journal->read(read_, share);
    ends_.push_back(read_.end);
    drained.more |= read_.end - begin >= share && journal->appended() > read_.end;
  }
  drained.records = read_.rows.size() + read_.refusals.size();
  drained.damaged = read_.damaged;
  fold_.fold(read_.rows);
  if (drained.records > 0) {
    if (auto appended = store_.append({read_.rows, read_.refusals}); !appended) return std::move(appended).error();
  }
  for (std::size_t i = 0; i < journals_.size(); ++i) journals_[i]->confirm(ends_[i]);
  costs_.clear();
  for (const Row& row : read_.rows) {
    if (row.state != RowState::open && row.entry == 0) add_cost(row);
  }
  drained.rows = read_.rows.size();
  drained.costs = costs_;
  return drained;
}

// Rows come in the order of time, and mostly many of one project: those of one minute are one cost.
void LedgerWriter::add_cost(const Row& row) {
  const auto minute = [](WallTime time) { return std::chrono::floor<std::chrono::minutes>(time); };
  if (!costs_.empty()) {
    AppendedCost& last = costs_.back();
    if (last.project == row.project && minute(last.accepted) == minute(row.accepted)) {
      if (const auto sum = last.cost.plus(row.cost)) {
        last.cost = *sum;
        return;
      }
    }
  }
  costs_.push_back({row.project, row.accepted, row.cost});
}

}  // namespace gateway
