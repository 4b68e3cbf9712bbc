// Why the ledger has no row of a request.
#pragma once

#include <chrono>
#include <string>

#include "gateway/ledger.h"
#include "gateway/result.h"
#include "gateway/row.h"

namespace gateway::operations {

// The quarter of an hour in which the request was accepted, by its id; the ledger sums by these.
inline constexpr std::chrono::minutes kQuarter{15};
WallTime quarter_of(const RequestId& request);

// One line. An exchange that was refused has no row, but it is counted; when it was accepted is in its id. Of these
// projects alone; of all, if there are none.
Result<std::string> why_no_row(Ledger& ledger, const RequestId& request, const AnyText& projects = {});

}  // namespace gateway::operations
