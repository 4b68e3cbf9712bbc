// Why the ledger has no row of a request.
#pragma once

#include <string>

#include "gateway/ledger.h"
#include "gateway/result.h"
#include "gateway/row.h"

namespace gateway::app {

// One line. An exchange that was refused has no row, but it is counted; when it was accepted is in its id.
Result<std::string> why_no_row(Ledger& ledger, const RequestId& request);

}  // namespace gateway::app
