// The ledger row by row, newest first.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gateway/ledger.h"
#include "operations/deployment.h"

namespace gateway::operations {

struct RequestsAnswer {
  std::int64_t rows = 0;            // that `each` was called with
  std::optional<std::string> next;  // the cursor of what follows; none: this was the end
  std::string reason{};             // why there is no row of the one request that was requested
};

// Calls `each` with one row after another until it returns false; `query` selects them, its limit and order do not
// count. A cursor identifies a row, so that rows which are added meanwhile move nothing.
Result<RequestsAnswer> list_requests(const Deployment& deployment, RowQuery query, const Page& page,
                                     const std::function<bool(const Row&)>& each);

}  // namespace gateway::operations
