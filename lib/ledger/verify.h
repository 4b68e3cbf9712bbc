// Proves what can be proved of any store through its seam. A store may know more of itself: see
// Ledger::verify.
#pragma once

#include <string>
#include <vector>

#include "gateway/ledger.h"

namespace gateway {

struct VerifyOptions {
  WallTime rows_since = WallTime::min();  // rows accepted earlier may have been pruned; a multiple of 15 minutes
  std::size_t most_findings = 100;
};

// Reads all rows once, in order: each is there once and is one that can be, corrections have the attempt they correct,
// and the store's sums by each of its groupings are the rows' own. One line a finding; empty: all holds. The store must
// not be written meanwhile. Errors are the store's.
Result<std::vector<std::string>> verify_store(Ledger& ledger, const VerifyOptions& options = {});

// What is wrong with a row by itself; empty: nothing.
std::string_view fault_of(const Row& row) noexcept;

}  // namespace gateway
