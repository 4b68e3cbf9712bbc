// Rows whose final cost was still to be queried from the provider when the process that wrote them ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/ledger.h"
#include "gateway/row.h"

namespace gateway {

inline constexpr std::chrono::days kPendingDays{3};  // what is older is reconciliation's alone

// Those of the last days with row_flag::backfill_pending, the newest `most` of them, oldest first. Left out are rows of
// `process` itself, rows that have a correction of their own, and those of a provider's day whose difference to the
// bill has been booked: queried as well, it would be booked twice. Looks at all rows of these days: it may take
// seconds.
Result<std::vector<Row>> pending_rows(Ledger& ledger, std::uint64_t process, WallTime now, std::size_t most);

}  // namespace gateway
