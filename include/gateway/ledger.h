// The seam to stored rows and their sums: what every attempt requested, received and cost.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

/// The values that a query accepts: any of those that are given, and all if none is.
template <class T>
class AnyOf {
 public:
  AnyOf() = default;
  AnyOf(std::vector<T> values) : values_(std::move(values)) {}
  AnyOf(std::optional<T> value) {
    if (value) values_.push_back(*std::move(value));
  }
  template <std::convertible_to<T> U>
  AnyOf(U&& value) {
    values_.push_back(std::forward<U>(value));
  }

  bool accepts(const auto& value) const {
    return values_.empty() || std::find(values_.begin(), values_.end(), value) != values_.end();
  }
  void add(T value) { values_.push_back(std::move(value)); }
  bool empty() const noexcept { return values_.empty(); }
  const std::vector<T>& values() const noexcept { return values_; }

 private:
  std::vector<T> values_;
};
using AnyText = AnyOf<std::string>;

/// What `usage` sums by. Any set of them, in any order.
enum class UsageKey : std::uint8_t {
  day,
  hour,
  project,
  key,
  model,
  served_model,
  provider,
  operation,
  state,
  code,
  quarter,  ///< of an hour
  week,
  month
};

struct UsageQuery {
  AnyText project{}, key{}, model{}, provider{}, served_model{};
  AnyText code{};  ///< of errors and refusals
  AnyOf<Operation> operation{};
  std::optional<WallTime> since{}, until{};  ///< since <= accepted < until, in steps of 15 minutes
  std::vector<UsageKey> by{};
  Zone zone{};  ///< whose quarters, hours, days, weeks and months `by` means; its offsets are whole quarters of an hour
};

struct UsageSum {
  /// One for each of the query's `by`: a day as 2026-11-22, a week as its Monday, a month as 2026-11; an hour or a
  /// quarter of one as its beginning, 2026-11-22T13:00:00Z, with the offset if there is a zone. Sums are sorted by
  /// them, times in their order.
  std::vector<std::string> key;
  std::int64_t requests = 0;  ///< exchanges that were dispatched (first attempts)
  std::int64_t attempts = 0;
  std::int64_t failed = 0;  ///< attempts of state failed or interrupted
  std::int64_t open = 0;
  /// Filled only if neither `by` nor a filter has anything that a refusal does not know (it knows times, project,
  /// model, code).
  std::int64_t refused = 0;
  Usage usage;
  MoneySum cost;
  MoneySum upstream_cost;  ///< the part of it that is Row::upstream_cost
  MoneySum held;           ///< holds of open rows
  WallTime last{};  ///< the beginning of the last quarter of an hour with an attempt or a refusal; zero: there was none
};

/// What was spent in a quarter of an hour.
struct QuarterCost {
  WallTime start;
  MoneySum cost;
};
/// By project, each in the order of time; a quarter without closed attempts is left out.
using QuarterCosts = std::map<std::string, std::vector<QuarterCost>, std::less<>>;

/// What a row is found by: an attempt of a request, and which of the attempt's rows.
struct RowName {
  RequestId request;
  std::uint16_t attempt = 0;
  std::uint16_t entry = 0;
};

/// HTTP statuses from `first` to `last`, both included.
struct StatusRange {
  std::int32_t first = 0;
  std::int32_t last = 0;
};

struct RowQuery {
  AnyText project{}, key{}, model{}, provider{};
  AnyOf<RowState> state{};
  std::optional<RequestId> request{};  ///< just this one's rows
  std::optional<RequestId> after{};    ///< rows past this id, in order: for following
  std::optional<RowName> before{};     ///< rows ahead of this one, which need not be there: for pages, newest first
  std::optional<WallTime> since{}, until{};
  std::uint32_t flags_any = 0;  ///< rows that have any of these flags; 0: all
  bool newest_first = true;
  std::int64_t limit = 100;  ///< 0: all
  AnyText served_model{}, code{};
  AnyOf<Operation> operation{};
  std::vector<StatusRange> status{};                        ///< of what the provider sent; empty: any, or none
  std::optional<Money> min_cost{};                          ///< rows that cost as much or more
  std::optional<std::chrono::microseconds> min_duration{};  ///< from accepted to ended; an open row has none
  std::optional<bool> streamed{};                           ///< whether the client asked for a stream
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
  /// What the closed rows of these projects cost, since <= accepted < until, in steps of 15 minutes. By default of
  /// usage(); a store that has it more cheaply says so.
  virtual Result<QuarterCosts> quarter_costs(const std::vector<std::string>& projects, WallTime since, WallTime until);
  /// Calls `each` for every match until it returns false.
  virtual Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) = 0;
  /// Which provider made an answer for this project that clients may name later, as those of the Responses API do: by
  /// the provider's own id for it. Absent: no closed row of that surface has the id, or it was pruned. By default of
  /// rows(), however many there are; a store that finds it more cheaply says so.
  virtual Result<std::optional<std::string>> provider_of_answer(const std::string& project, std::string_view id);
  /// Rows of state open written by that process, or by all for 0.
  virtual Result<std::vector<Row>> open_rows(std::uint64_t process) = 0;

  /// Proves, at one instant, that
  /// - what is stored can be read (a file is complete by the engine's own check);
  /// - each row is one that can be: its enums, its cost and tokens not negative unless it is an adjustment, an
  ///   adjustment with the attempt that it corrects, `held` costing its hold, texts that exist;
  /// - the sums that usage() reports equal the rows, so that totals by any grouping agree;
  /// - what each account reports as spent is the sum of the closed rows of its project and period;
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
