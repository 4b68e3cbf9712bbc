#include "ledger/writer.h"

#include <algorithm>

#include "ledger/late_rows.h"

namespace gateway {

LedgerWriter::LedgerWriter(Ledger& ledger, const std::vector<Journal*>& journals, std::uint64_t process)
    : ledger_(ledger), process_(process) {
  for (Journal* const journal : journals) readers_.emplace_back(*journal);
}

Result<Drained> LedgerWriter::drain(std::size_t limit, const JournalReader::Leave& leave) {
  Drained drained;
  read_.rows.clear();
  read_.refusals.clear();
  read_.damaged = 0;
  const std::size_t share = std::max<std::size_t>(1, limit / std::max<std::size_t>(1, readers_.size()));
  for (JournalReader& reader : readers_) {
    const std::size_t records = reader.read(read_, share, leave);
    drained.records += records;
    drained.more |= records >= share && !reader.at_end();
    drained.waited = std::max(drained.waited, reader.waited());
  }
  drained.damaged = read_.damaged;
  for (RefusalCount& count : read_.refusals) refusal_kinds_.bound(count);
  if (read_.rows.size() > 0 || !read_.refusals.empty()) {
    auto appended = ledger_.append({RowSequence(read_.rows), read_.refusals, process_});
    if (appended && rejoined_) appended = append_late();
    if (!appended) return std::move(appended).error();
  }
  costs_.clear();
  for (const ConstSlot slot : read_.rows.slots()) {
    if (!is_open_row(slot) && row_id(slot).entry == 0) add_cost(row_cost(slot));
  }
  for (JournalReader& reader : readers_) reader.confirm();
  drained.rows = read_.rows.size();
  drained.costs = costs_;
  return drained;
}

void LedgerWriter::write_as(std::uint64_t process) {
  process_ = process;
  rejoined_ = true;
}

Result<void> LedgerWriter::append_late() {
  std::vector<Row> closed;
  for (const Row& row : RowSequence(read_.rows)) {
    if (row.process != process_ && row.state != RowState::open && row.entry == 0) closed.push_back(row);
  }
  if (closed.empty()) return {};
  const auto late = late_adjustments(ledger_, closed, process_);
  if (!late) return late.error();
  return late->empty() ? Result<void>() : ledger_.append({.rows = *late, .refusals = {}, .writer = process_});
}

// Rows come in the order of time, and mostly many of one project: those of one minute are one cost.
void LedgerWriter::add_cost(const RowCost& row) {
  const auto minute = [](WallTime time) { return std::chrono::floor<std::chrono::minutes>(time); };
  if (!costs_.empty()) {
    AppendedCost& last = costs_.back();
    if (last.project.view() == row.project && minute(last.accepted) == minute(row.accepted)) {
      if (const auto sum = last.cost.plus(row.cost)) {
        last.cost = *sum;
        return;
      }
    }
  }
  costs_.push_back({row.project, row.accepted, row.cost});
}

}  // namespace gateway
