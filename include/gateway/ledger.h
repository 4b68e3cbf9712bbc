// The seam to stored rows and their sums: what every attempt asked, got and cost.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/result.h"
#include "gateway/row.h"
#include "gateway/row_sequence.h"

namespace gateway {

struct Batch {
  RowSequence rows;  ///< at most one per (request, attempt, entry)
  std::span<const RefusalCount> refusals;
  /// The process on whose behalf the batch comes: it must not have been fenced (see Leases::fence). 0: nobody's, as of
  /// a sweep, which closes the rows of one that was.
  std::uint64_t writer = 0;
};

/// What `usage` sums by. Any set of them, in any order.
enum class UsageKey : std::uint8_t { day, hour, project, key, model, served_model, provider, operation, state, code };

struct UsageQuery {
  std::optional<std::string> project{}, key{}, model{}, provider{};
  std::optional<WallTime> since{}, until{};  ///< since <= accepted < until, in steps of 15 minutes
  std::vector<UsageKey> by{};
};

struct UsageSum {
  /// One for each of the query's `by`; a day as 2026-11-22, an hour as 2026-11-22T13:00:00Z.
  std::vector<std::string> key;
  std::int64_t requests = 0;  ///< exchanges that were dispatched (first attempts)
  std::int64_t attempts = 0;
  std::int64_t failed = 0;  ///< attempts of state failed or interrupted
  std::int64_t open = 0;
  /// Filled only if `by` has nothing that a refusal does not know (it knows day, hour, project, model, code).
  std::int64_t refused = 0;
  Usage usage;
  MoneySum cost;
  MoneySum upstream_cost;  ///< the part of it that is Row::upstream_cost
  MoneySum held;           ///< holds of open rows
};

struct RowQuery {
  std::optional<std::string> project{}, key{}, model{}, provider{};
  std::optional<RowState> state{};
  std::optional<RequestId> request{};  ///< just this one's rows
  std::optional<RequestId> after{};    ///< rows past this id, in order: for following
  std::optional<WallTime> since{}, until{};
  std::uint32_t flags_any = 0;  ///< rows that have any of these flags; 0: all
  bool newest_first = true;
  std::int64_t limit = 100;  ///< 0: all
};

/// What verify() found.
struct LedgerProof {
  std::vector<std::string> findings;  ///< one line each, at most 100 of a kind; empty: all holds
  std::int64_t rows = 0;
  std::int64_t accounts = 0;
  std::optional<WallTime> pruned_before;  ///< rows accepted earlier are no longer there to be compared
};

/// Rows and their sums. All calls come from one thread at a time, may block, and are all or nothing. An implementation
/// survives the death of the process at any instant with every append that returned success.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Inserts rows. A row that is there with state open is replaced; any other row that is there stays as it is (so that
  /// replaying a journal changes nothing). Sums and accounts follow in the same transaction: a row that leaves `open`
  /// adds its cost to its accounts and takes it off the slice that the process that wrote the row has of them.
  /// Errors: fenced.
  virtual Result<void> append(const Batch& batch) = 0;
  virtual Result<std::vector<UsageSum>> usage(const UsageQuery& query) = 0;
  /// Calls `each` for every match until it returns false.
  virtual Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) = 0;
  /// Rows of state open written by that process, or by all for 0.
  virtual Result<std::vector<Row>> open_rows(std::uint64_t process) = 0;

  /// Proves, at one instant, that
  /// - what is stored can be read (a file is complete by the engine's own check);
  /// - each row is one that can be: its enums, its cost and tokens not negative unless it is an adjustment, an
  ///   adjustment with the attempt that it corrects, `held` costing its hold, texts that exist;
  /// - the sums that usage() reports equal the rows, so that totals by any grouping agree;
  /// - what each account says was spent is the sum of the closed rows of its project and period;
  /// - spent + leased <= cap, as far as slices covered what was spent.
  /// Errors: nothing can be read at all.
  virtual Result<LedgerProof> verify() = 0;
  /// Deletes the rows that were accepted before a UTC midnight and are closed; their sums stay as they are, to the last
  /// digit. One may stay for as long as another row of its millisecond must. Counts of refusals of these days are
  /// deleted. Only of days that are over: a midnight later than that which `now` follows is refused (invalid), since
  /// what comes until then could not be proved any more. In steps, so that writers wait for milliseconds. Journals of
  /// processes that died must have been replayed before: what comes back from one later would be counted again. Returns
  /// the number of rows deleted.
  virtual Result<std::int64_t> prune(WallTime before, WallTime now) = 0;
};

}  // namespace gateway
