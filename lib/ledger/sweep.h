// Clearing up after processes that are gone: what their journals hold goes into the ledger, what they left open is
// closed, their slices are free again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "gateway/journal.h"
#include "gateway/leases.h"
#include "gateway/ledger.h"

namespace gateway {

struct SweepReport {
  std::size_t processes = 0;  // dead ones that were recovered
  std::size_t replayed = 0;   // rows found in journals
  std::size_t closed = 0;     // rows that had been left open
  std::uint64_t damaged = 0;  // journal records that could not be read
  Money held;                 // the cost of the closed ones: their holds
  SweepReport& operator+=(const SweepReport& other);
};

// The process must be gone, or is fenced by this; `now` becomes the end of the rows it left open. Each step may be
// repeated: a sweep that was interrupted is done again from its beginning, and changes nothing twice but for counts of
// refusals.

// All of it: the process is fenced, then come the journal's records (of all its workers), the open rows, the slices.
Result<SweepReport> sweep_process(Ledger& ledger, Leases& leases, const Journal::Records& records,
                                  std::uint64_t process, WallTime now);

// Open rows become `interrupted` and cost what was held for them.
Result<SweepReport> close_open_rows(Ledger& ledger, std::uint64_t process, WallTime now);

// Processes that left open rows, slices or a heartbeat but no journal to be found. One is gone if its heartbeat is over
// and `runs_here` knows nothing of it: on its own machine a process lives as long as it is there, be it stopped for an
// hour and its heartbeat long over.
Result<SweepReport> sweep_lost(Ledger& ledger, Leases& leases,
                               const std::function<bool(std::uint64_t process)>& runs_here, WallTime now);

}  // namespace gateway
