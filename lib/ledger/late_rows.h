// Settlements of a process that was taken for dead: a sweep has closed its rows by then.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gateway/ledger.h"

namespace gateway {

// Of these closed rows, for each that a sweep has closed as `interrupted` instead: an adjustment, written by `process`,
// by which all entries of the attempt together come to what the row says. None for those that come to it already, so
// that querying again after an append changes nothing twice.
Result<std::vector<Row>> late_adjustments(Ledger& ledger, std::span<const Row> rows, std::uint64_t process);

}  // namespace gateway
