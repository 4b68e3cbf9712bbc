// Keeping a ledger in an SQLite file in order: proving it, and making it smaller. A server may run meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/result.h"
#include "gateway/time.h"

namespace gateway {

struct LedgerProof {
  std::vector<std::string> findings;  // one line each, at most 100 of a kind; empty: all holds
  std::int64_t rows = 0;
  std::int64_t accounts = 0;
  std::optional<WallTime> pruned_before;  // rows accepted earlier are no longer there to be compared
};

// Proves, at one instant, that
// - the file is whole (SQLite's own check);
// - each row is one that can be: its enums, its cost and tokens not negative unless it is an adjustment, an adjustment
//   with the attempt that it corrects, `held` costing its hold, texts that exist;
// - the sums that usage is told from equal the rows, line by line, so that totals by any grouping agree;
// - what each account says was spent is the sum of the closed rows of its project and period;
// - spent + leased <= cap, as far as slices covered what was spent.
// Errors: the file cannot be read at all.
Result<LedgerProof> verify_sqlite_ledger(const std::string& path);

// Deletes the rows that were accepted before a UTC midnight and are closed; sums stay as they are, to the last digit.
// Of days that are over: a midnight later than that which `now` follows is refused, for what comes until then could not
// be proved any more.
// In steps, so that writers wait for milliseconds. Journals of processes that died must have been replayed before: what
// comes back from one later would be counted again. Gives the number of rows deleted.
Result<std::int64_t> prune_sqlite_ledger(const std::string& path, WallTime before, WallTime now);

}  // namespace gateway
