#include "ledger/journal_reader.h"

#include <algorithm>

#include "ledger/journal_record.h"

namespace gateway {
namespace {

constexpr std::uint64_t kAhead = 4;

}  // namespace

ConstSlot JournalReader::slot_of(std::uint64_t n) const noexcept { return journal_.slot(n).first<kSlotSize>(); }

std::size_t JournalReader::read(Waiting& out, std::size_t limit, const Leave& leave) {
  end_ = next_ + std::min<std::uint64_t>(journal_.appended() - next_, limit);
  leaving_.clear();
  waited_ = {};
  fold_.clear(left_.size() + static_cast<std::size_t>(end_ - next_));
  const std::size_t refusals = out.refusals.size();
  for (const std::uint64_t n : left_) look_at(n, out);
  for (std::uint64_t n = next_; n < end_; ++n) {
    if (n + kAhead < end_) fetch_to_read(slot_of(n + kAhead));
    look_at(n, out);
  }

  // The journal is confirmed up to the first row that waits, and what comes after it is stored again after a crash.
  // Rows may be, counts of refusals may not.
  const bool may_wait = out.refusals.size() == refusals;
  for (const RecordFold::Record& record : fold_.counting()) {
    const ConstSlot slot = slot_of(record.at);
    if (record.open && may_wait) {
      const WallTime::duration age = leave.now - dispatched_at(slot);
      if (age >= age.zero() && age < leave.patience) {
        leaving_.push_back(record.at);
        waited_ = std::max(waited_, age);
        continue;
      }
    }
    if (record.open && !is_record(slot, journal_.salt())) {
      ++out.damaged;
    } else {
      out.rows.add(slot);
    }
  }
  return static_cast<std::size_t>(end_ - next_);
}

void JournalReader::look_at(std::uint64_t n, Waiting& out) {
  const ConstSlot slot = slot_of(n);
  const bool in_place = slot_sequence(slot) == n + 1;
  const bool open = in_place && is_open_row(slot);
  // What makes another void must be complete itself.
  if (!in_place || (!open && !is_record(slot, journal_.salt()))) {
    ++out.damaged;
  } else if (is_row(slot)) {
    fold_.add({row_id(slot), open, n});
  } else {
    out.refusals.push_back(refusal_in(slot));
  }
}

void JournalReader::confirm() {
  next_ = end_;
  left_.swap(leaving_);
  journal_.confirm(left_.empty() ? next_ : left_.front());
}

}  // namespace gateway
