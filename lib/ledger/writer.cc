#include "ledger/writer.h"

#include <algorithm>

namespace gateway {

Result<Drained> LedgerWriter::drain(std::size_t limit) {
  Drained drained;
  rows_.clear();
  refusals_.clear();
  costs_.clear();
  read_.resize(journals_.size());
  const std::size_t share = std::max<std::size_t>(1, limit / std::max<std::size_t>(1, journals_.size()));
  for (std::size_t i = 0; i < journals_.size(); ++i) {
    Journal::Records& records = read_[i];
    records.rows.clear();
    records.refusals.clear();
    records.damaged = 0;
    journals_[i]->read(records, share);
    for (const Row& row : records.rows) rows_.add(row);
    refusals_.insert(refusals_.end(), records.refusals.begin(), records.refusals.end());
    drained.records += records.rows.size() + records.refusals.size();
    drained.damaged += records.damaged;
  }
  if (!rows_.rows().empty() || !refusals_.empty()) {
    if (auto appended = store_.append({rows_.rows(), refusals_}); !appended) return std::move(appended).error();
  }
  for (std::size_t i = 0; i < journals_.size(); ++i) {
    journals_[i]->confirm(read_[i].end);
    drained.more |= journals_[i]->queued() > 0 && read_[i].rows.size() + read_[i].refusals.size() >= share;
  }
  for (const Row& row : rows_.rows()) {
    if (row.state != RowState::open && row.entry == 0) costs_.push_back({row.project, row.accepted, row.cost});
  }
  drained.rows = rows_.rows().size();
  drained.costs = costs_;
  return drained;
}

}  // namespace gateway
