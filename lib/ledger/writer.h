// Takes records out of the journals into the store, in batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gateway/journal.h"
#include "gateway/ledger.h"
#include "ledger/journal_reader.h"
#include "ledger/refusal_kinds.h"

namespace gateway {

// What this process spent that is in the store now, for the accounts kept in memory: the first entries of attempts that
// are no longer open. Corrections are not among them: they change what was spent, not what the slice was used for.
struct AppendedCost {
  FixedText<64> project;
  WallTime accepted{};  // to the minute, at which no period ends
  Money cost;
};

struct Drained {
  std::size_t records = 0;              // looked at for the first time
  std::size_t rows = 0;                 // inserted into the store, an open row and its settlement counting as one
  std::uint64_t damaged = 0;            // slots that were skipped
  std::span<const AppendedCost> costs;  // valid until the next drain()
  bool more = false;                    // records were left for want of room in the batch
  WallTime::duration waited{0};         // of the open rows that were left, the oldest's age
};

// One thread. Memory is bounded by the batch: nothing is kept between calls, what could not be written stays in the
// journals.
class LedgerWriter {
 public:
  // All outlive the writer.
  // `process` is the one that writes. 0: nobody's batches, which are never refused as fenced.
  LedgerWriter(Ledger& ledger, const std::vector<Journal*>& journals, std::uint64_t process = 0);

  // Moves up to about `limit` records, fairly from all journals, in one transaction of the ledger. On an error nothing
  // has been confirmed: the same records come again next time.
  // Errors: fenced, until write_as().
  Result<Drained> drain(std::size_t limit, const JournalReader::Leave& leave = {});

  // Goes on as another process, since this one was fenced: what the journals hold of the one before, and a sweep has
  // closed, is settled by adjustments from now on.
  void write_as(std::uint64_t process);

 private:
  Result<void> append_late();
  void add_cost(const RowCost& row);

  Ledger& ledger_;
  std::uint64_t process_;
  bool rejoined_ = false;
  std::vector<JournalReader> readers_;
  Waiting read_;
  std::vector<AppendedCost> costs_;
  RefusalKinds refusal_kinds_;
};

}  // namespace gateway
