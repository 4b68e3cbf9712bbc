// Rows of the ledger as they come.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "app/cli/command_context.h"
#include "app/cli/flags.h"
#include "gateway/ledger.h"

namespace gateway::app {

// Finds rows that are new since the last look, each once, when it is no longer open. Rows become visible out of order,
// since several threads and processes write: so each look begins a while before the newest. Corrections of rows older
// than that are not seen.
class RowFollower {
 public:
  // `query` says which rows; its limit and order do not count.
  RowFollower(Ledger& ledger, RowQuery query);

  // The last `limit` rows that are closed (0: all), oldest first. Once, before the first look().
  Result<std::vector<Row>> begin(std::int64_t limit, WallTime now);
  Result<std::vector<Row>> look(WallTime now);

 private:
  using Name = std::tuple<RequestId, std::uint16_t, std::uint16_t>;

  void take(const Row& row, std::vector<Row>& found);
  void forget(WallTime before);

  Ledger& ledger_;
  RowQuery query_;
  std::optional<RowState> wanted_;  // apart from the query: an open row may yet become one
  std::map<Name, WallTime> seen_;   // and when it was accepted
  std::set<RequestId> open_;        // seen while open: looked at again, however old
};

// Prints the last rows, then each new one, until the process is interrupted or the store fails.
Outcome follow_rows(Ledger& ledger, const RowQuery& query, const ListFlags& flags, Session& session);

}  // namespace gateway::app
