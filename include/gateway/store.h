// The seam to durable storage: rows and their sums, projects and keys, leases on spend caps.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/row.h"
#include "gateway/row_sequence.h"

namespace gateway {

struct Batch {
  RowSequence rows;  // at most one per (request, attempt, entry)
  std::span<const RefusalCount> refusals;
};

// What `usage` sums by. Any set of them, in any order.
enum class UsageKey : std::uint8_t { day, hour, project, key, model, served_model, provider, endpoint, state, code };

struct UsageQuery {
  std::optional<std::string> project{}, key{}, model{}, provider{};
  std::optional<WallTime> since{}, until{};  // since <= accepted < until, in steps of 15 minutes
  std::vector<UsageKey> by{};
};

struct UsageSum {
  std::vector<std::string>
      key;                    // one for each of the query's `by`; a day as 2026-11-22, an hour as 2026-11-22T13:00:00Z
  std::int64_t requests = 0;  // exchanges that were dispatched (first attempts)
  std::int64_t attempts = 0;
  std::int64_t failed = 0;  // attempts of state failed or interrupted
  std::int64_t open = 0;
  std::int64_t refused =
      0;  // filled only where `by` has nothing that a refusal does not know (it knows day, hour, project, model, code)
  Usage usage;
  MoneySum cost;
  MoneySum upstream_cost;  // the part of it that is Row::upstream_cost
  MoneySum held;           // holds of open rows
};

struct RowQuery {
  std::optional<std::string> project{}, key{}, model{}, provider{};
  std::optional<RowState> state{};
  std::optional<RequestId> request{};  // just this one's rows
  std::optional<RequestId> after{};    // rows behind this id, in order: for following
  std::optional<WallTime> since{}, until{};
  std::uint32_t flags_any = 0;  // rows that have any of these flags; 0: all
  bool newest_first = true;
  std::int64_t limit = 100;  // 0: all
};

// A spend account: one project's cap for one calendar period. `start` is the period's first instant, `end` the first
// after it (WallTime::max() for the period total).
struct AccountKey {
  std::string project;
  Period period = Period::month;
  WallTime start{};
  WallTime end{};
  friend bool operator==(const AccountKey&, const AccountKey&) = default;
};

struct AccountState {
  MoneySum spent;     // by rows that are no longer open, of all processes
  MoneySum leased;    // slices of all processes, this one's too
  MoneySum own;       // this process's slice
  int processes = 1;  // live processes that have taken a slice of this account
};

struct TenantChange {
  std::vector<ProjectConfig> projects;  // those kept in the database
  std::vector<ApiKey> keys;             // all, revoked ones too
};

// All calls come from one thread at a time, may block, and are all or nothing. Implementations must survive the death
// of the process at any instant with every append that returned success.
class Store {
 public:
  virtual ~Store() = default;

  // --- the ledger
  // Puts rows in. A row that is there with state open is replaced; any other row that is there stays as it is
  // (so that replaying a journal changes nothing). Sums and accounts follow in the same transaction: a row that leaves
  // `open` adds its cost to its accounts and takes it off the writing process's slice of them.
  virtual Result<void> append(const Batch& batch) = 0;
  virtual Result<std::vector<UsageSum>> usage(const UsageQuery& query) = 0;
  // Calls `each` for every match until it gives false.
  virtual Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) = 0;
  // Rows of state open written by that process, or by all for 0.
  virtual Result<std::vector<Row>> open_rows(std::uint64_t process) = 0;

  // --- leases: a process may commit, by holds and by costs not yet appended, at most its slice of an account.
  // spent + all slices <= cap, always.
  virtual Result<AccountState> account(std::uint64_t process, const AccountKey& key) = 0;
  // Changes the process's slice by `delta`, but never beyond what is left under `cap`: gives the change that was made.
  virtual Result<Money> lease(std::uint64_t process, const AccountKey& key, Money cap, Money delta) = 0;
  // Gives back all slices of a process that is gone. Its open rows must have been closed before.
  virtual Result<void> release_leases(std::uint64_t process) = 0;
  // The processes that have slices, for sweeping after those that are gone.
  virtual Result<std::vector<std::uint64_t>> lease_holders() { return std::vector<std::uint64_t>{}; }

  // --- tenancy
  // A number that changes whenever a project or a key does, by whichever process.
  virtual Result<std::uint64_t> tenants_version() = 0;
  virtual Result<TenantChange> tenants() = 0;

  // Each change is one conditional operation: of several at the same instant, from whichever process, none undoes what
  // another has done. What is refused has changed nothing.

  // Replaces what is stored if it still equals `*replaced`; inserts a new one for null. Errors: conflict (another has
  // changed it since it was read), not_found (another has deleted it), exists (there is one of that name).
  virtual Result<void> put_project(const ProjectConfig& project, const ProjectConfig* replaced) = 0;
  virtual Result<void> delete_project(std::string_view name) = 0;  // its keys are revoked; its rows stay
  // Inserts a key. Errors: exists (its id or its text is taken); with `project_is_stored`, not_found (its project is
  // not stored, or no longer).
  virtual Result<void> put_key(const ApiKey& key, bool project_is_stored = false) = 0;
  // Ends a key at `when`: one that has come by `now` revokes it, a later one is when it expires. A key's life is never
  // lengthened: of two ends the earlier one wins. Returns the key as it is then. Errors: not_found.
  virtual Result<ApiKey> end_key(std::string_view id, WallTime when, WallTime now) = 0;
  // Inserts `successor` and ends the key `id` as end_key() does, both or neither. Returns the old key as it is then.
  // Errors: not_found; refused (the key has ended by `now`); exists.
  virtual Result<ApiKey> rotate_key(std::string_view id, const ApiKey& successor, WallTime when, WallTime now) = 0;
};

}  // namespace gateway
