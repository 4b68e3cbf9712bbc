// Operations on the ledger: its rows, its sums, its upkeep.
#pragma once

#include <optional>
#include <string>

#include "app/admin/handlers.h"

namespace gateway::app {

// As handle(). Absent: it is none of these.
std::optional<Result<Handled>> handle_ledger(const Asked& asked, std::string& audit);

}  // namespace gateway::app
