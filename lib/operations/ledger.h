// The ledger's upkeep: prove it, recover what dead processes left, delete what is old, read it in its order, and
// compare it with today's prices.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/ledger.h"
#include "ledger/sweep.h"
#include "operations/deployment.h"

namespace gateway::operations {

Result<LedgerProof> verify_ledger(const Deployment& deployment);

struct SweepAnswer {
  SweepReport report;
  std::vector<std::string> unreadable{};  // journal files that held nothing that could be read; they stay
  bool is_sound() const { return unreadable.empty() && report.damaged == 0; }
};
// Replays the journal files of dead processes and closes their rows: the caller's, who knows where these files are.
using Sweep = std::function<Result<SweepAnswer>(Store&)>;
// Errors: unavailable (no `sweep`); its own.
Result<SweepAnswer> sweep_ledger(const Deployment& deployment, const Sweep& sweep);

struct PruneAnswer {
  WallTime before{};  // the midnight that was meant
  std::int64_t deleted = 0;
  SweepAnswer swept;  // journals are replayed first: what came back later would be counted again
};
// The midnight that begins the UTC day of `before`. Errors: invalid (a day to come), naming `parameter`.
Result<WallTime> prune_midnight(std::string_view parameter, WallTime before, std::string_view text, WallTime now);
// `midnight` as prune_midnight returns it.
Result<PruneAnswer> prune_ledger(const Deployment& deployment, WallTime midnight, const Sweep& sweep);

struct ExportAnswer {
  std::int64_t rows = 0;            // that `each` was called with
  std::optional<std::string> next;  // the cursor of what follows; none: this was the end
};
// Calls `each` with the rows that match, oldest first, until it returns false; `query` selects them, its limit and
// order do not count.
Result<ExportAnswer> export_rows(const Deployment& deployment, RowQuery query, const Page& page,
                                 const std::function<bool(const Row&)>& each);

}  // namespace gateway::operations
