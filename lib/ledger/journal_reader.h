// The writer's view of one journal: each row once, whatever records there are of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gateway/journal.h"
#include "gateway/row_sequence.h"
#include "ledger/fold.h"
#include "ledger/journal_record.h"

namespace gateway {

// Rows that lie in journals, each unpacked when it is looked at: a batch of them passes through one Row's memory.
class PackedRows final : public RowSequence::Source {
 public:
  void add(ConstSlot slot) { slots_.push_back(slot); }
  void clear() noexcept { slots_.clear(); }
  std::span<const ConstSlot> slots() const noexcept { return slots_; }

  std::size_t size() const noexcept override { return slots_.size(); }
  const Row& at(std::size_t i) override {
    unpack_row(slots_[i], row_);
    return row_;
  }

 private:
  std::vector<ConstSlot> slots_;
  Row row_;
};

// What readers found for the store. The rows are there until the readers confirm.
struct Waiting {
  PackedRows rows;
  std::vector<RefusalCount> refusals;
  std::uint64_t damaged = 0;
};

// One thread, the journal's consumer; the only one who confirms.
class JournalReader {
 public:
  explicit JournalReader(Journal& journal) : journal_(journal), next_(journal.confirmed()) {}

  // Open rows that were dispatched less than `patience` before `now` may wait for the next time: most are settled by
  // then, and need storing once.
  struct Leave {
    WallTime now{};
    WallTime::duration patience{0};
  };

  // Adds what at most `limit` records more come to, to be stored completely or not at all; returns how many records it
  // was. Without a confirm() the same comes again, and what has been appended meanwhile.
  std::size_t read(Waiting& out, std::size_t limit, const Leave& leave);
  // What the last read() returned is in the store.
  void confirm();
  bool at_end() const noexcept { return journal_.appended() == end_; }
  // The age of the oldest row that the last read() left.
  WallTime::duration waited() const noexcept { return waited_; }

 private:
  ConstSlot slot_of(std::uint64_t n) const noexcept;
  void look_at(std::uint64_t n, Waiting& out);

  Journal& journal_;
  std::uint64_t next_;               // the first that was never stored
  std::vector<std::uint64_t> left_;  // before it, in order: open rows that wait
  std::uint64_t end_ = 0;            // both as they will be once confirmed
  std::vector<std::uint64_t> leaving_;
  WallTime::duration waited_{0};
  RecordFold fold_;
};

}  // namespace gateway
