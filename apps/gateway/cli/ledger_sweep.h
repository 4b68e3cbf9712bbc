// Clearing up after processes that died over a database: at a server's start, and for `gateway ledger sweep`.
#pragma once

#include <string>
#include <vector>

#include "gateway/result.h"
#include "gateway/store.h"
#include "ledger/sweep.h"

namespace gateway::app {

struct LedgerSweep {
  SweepReport report;
  std::vector<std::string> unreadable;  // journal files that held nothing that could be read; they stay where they are
};

// Replays the journals of the dead, closes the rows they left open, gives their slices back. Never touches what belongs
// to a process that lives.
Result<LedgerSweep> sweep_ledger(Store& store, const std::string& journal_directory, WallTime now);

}  // namespace gateway::app
