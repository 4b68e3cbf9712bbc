// Clearing up after processes that died over a database: at a server's start, and for `gateway ledger sweep`.
#pragma once

#include <string>

#include "gateway/result.h"
#include "gateway/store.h"
#include "operations/ledger.h"

namespace gateway::app {

// Replays the journals of the dead, closes the rows they left open, returns their slices. Never touches what belongs
// to a process that lives.
Result<operations::SweepAnswer> sweep_ledger(Store& store, const std::string& journal_directory, WallTime now);

}  // namespace gateway::app
