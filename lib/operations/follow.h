// Rows of the ledger as they come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "gateway/ledger.h"

namespace gateway::operations {

// Finds rows that are new since the last poll, each once, when it is no longer open. Rows become visible out of order,
// since several threads and processes write: so each poll begins a while before the newest. Corrections of rows older
// than that are not seen.
class RowFollower {
 public:
  // `query` selects the rows; its limit and order do not count. `most`: about so many rows are looked at in a poll, the
  // newest; where more come, some are never found. 0: all are, however many.
  RowFollower(Ledger& ledger, RowQuery query, std::size_t most = 0);

  // The last `limit` rows that are closed (0: all), oldest first. Once, before the first poll().
  Result<std::vector<Row>> start(std::int64_t limit, WallTime now);
  Result<std::vector<Row>> poll(WallTime now);
  // Whether the last poll did not look at all that is new.
  bool is_overrun() const noexcept { return is_overrun_; }

 private:
  using Name = std::tuple<RequestId, std::uint16_t, std::uint16_t>;

  void take(const Row& row, std::vector<Row>& found);
  Result<void> take_closed(const std::set<RequestId>& before, std::vector<Row>& found);
  Result<void> take_recent(WallTime now, std::vector<Row>& found);
  Result<void> take_newest(WallTime now, std::vector<Row>& found);
  void forget(WallTime before);

  Ledger& ledger_;
  RowQuery wanted_;
  RowQuery query_;                 // without what an open row may yet become
  std::map<Name, WallTime> seen_;  // and when it was accepted
  std::set<RequestId> open_;       // seen while open: looked at again, however old
  std::size_t most_;
  WallTime looked_back_{};  // when rows of a while ago were looked at last, if there is a bound
  bool is_overrun_ = false;
};

struct MissedRows {
  std::vector<Row> rows;      // in the order of their ends
  bool is_truncated = false;  // there are more, or may be
};

// What somebody missed who has seen the rows that were closed before `since`: those that match and ended later, or a
// little earlier, since rows become visible a while after their end. Of requests accepted more than an hour before
// `since` nothing is found. Of more than `most` the newest are.
Result<MissedRows> rows_since(Ledger& ledger, RowQuery query, WallTime since, std::size_t most);

}  // namespace gateway::operations
