// The writer's view of one journal: each row once, whatever records there are of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/journal.h"
#include "ledger/fold.h"
#include "ledger/journal_record.h"

namespace gateway {

// One thread, the journal's consumer; the only one who confirms. Records that a later one makes void are never copied.
class JournalReader {
 public:
  explicit JournalReader(Journal& journal) : journal_(journal), next_(journal.confirmed()) {}

  // Open rows that were dispatched less than `patience` before `now` may wait for the next time: most are settled by
  // then, and need storing once.
  struct Leave {
    WallTime now{};
    WallTime::duration patience{0};
  };

  // Adds what at most `limit` records more come to, to be stored whole or not at all; says how many records it was.
  // Without a confirm() the same comes again, and what has been appended meanwhile.
  std::size_t read(Journal::Records& out, std::size_t limit, const Leave& leave);
  // What the last read() gave is in the store.
  void confirm();
  bool at_end() const noexcept { return journal_.appended() == end_; }

 private:
  ConstSlot slot_of(std::uint64_t n) const noexcept;
  void look_at(std::uint64_t n, Journal::Records& out);

  Journal& journal_;
  std::uint64_t next_;               // the first that was never stored
  std::vector<std::uint64_t> left_;  // before it, in order: open rows that wait
  std::uint64_t end_ = 0;            // both as they will be once confirmed
  std::vector<std::uint64_t> leaving_;
  RecordFold fold_;
};

}  // namespace gateway
