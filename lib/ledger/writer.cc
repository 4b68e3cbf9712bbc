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
    if (row.state != RowState::open && row.entry == 0) costs_.push_back({row.project, row.accepted, row.cost});
  }
  drained.rows = read_.rows.size();
  drained.costs = costs_;
  return drained;
}

}  // namespace gateway
