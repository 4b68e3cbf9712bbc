// The seam to spend accounts and to the slices of them that processes lease.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gateway/money.h"
#include "gateway/result.h"
#include "gateway/tenancy.h"
#include "gateway/time.h"

namespace gateway {

/// A spend account: one project's cap for one calendar period. `start` is the period's first instant, `end` the first
/// after it (WallTime::max() for the period total). Both are on a quarter of an hour.
struct AccountKey {
  std::string project;
  Period period = Period::month;
  WallTime start{};
  WallTime end{};
  friend bool operator==(const AccountKey&, const AccountKey&) = default;
};

struct AccountState {
  MoneySum spent;     ///< by rows that are no longer open, of all processes
  MoneySum leased;    ///< slices of all processes, this one's too
  MoneySum own;       ///< this process's slice
  int processes = 1;  ///< live processes that have taken a slice of this account
};

/// By how much a process's slice of one account is to change.
struct SliceChange {
  AccountKey account;
  Money cap;
  Money delta;
};

/// A process that has a heartbeat or slices.
struct ProcessState {
  std::uint64_t process = 0;
  bool alive = false;  ///< by its heartbeat; on its own machine the process itself is the better witness
};

/// Spend accounts, and who lives that may have slices of them. A process may commit, by holds and by costs not yet
/// appended, at most its slice of an account. spent + all slices <= cap, always. Calls are as those of Ledger.
class Leases {
 public:
  virtual ~Leases() = default;

  /// What each of the accounts has, in the order of the keys, all at one instant or, if one has to be made, soon after
  /// one another. Errors: invalid (a period that does not begin or end on a quarter of an hour), and then of none.
  virtual Result<std::vector<AccountState>> accounts(std::uint64_t process, std::span<const AccountKey> keys) = 0;
  /// Changes the process's slices, one after the other in one transaction: each by its delta, but never beyond what is
  /// left under its cap, nor below nothing. Returns the changes that were made, in their order. That one could be made
  /// in part or not at all, for want of room, is no error and keeps no other from being made; an error has made none.
  /// Errors: fenced; invalid, as of accounts().
  virtual Result<std::vector<Money>> change_slices(std::uint64_t process, std::span<const SliceChange> changes) = 0;
  /// Returns all slices of a process that is gone, and forgets its heartbeat, but not that it was fenced. Its open rows
  /// must have been closed before.
  virtual Result<void> release_leases(std::uint64_t process) = 0;

  /// Reports that a process lives, and is to be taken for alive for `life` from `now` on. A store that has a clock of
  /// its own goes by that one instead of `now`. Errors: fenced.
  virtual Result<void> heartbeat(std::uint64_t process, WallTime now, std::chrono::milliseconds life) = 0;
  /// Every process that has a heartbeat or slices, or was fenced and has not been released yet: for sweeping after
  /// those that are gone. A heartbeat is over once its life has passed since, or if it comes from further ahead of
  /// `now` than that: then a clock was set back.
  virtual Result<std::vector<ProcessState>> processes(WallTime now) = 0;
  /// Marks a process as dead, before a sweep closes its rows and releases its slices: from now on its own append(),
  /// change_slices() and heartbeat() fail with `fenced`, should it live after all (it was stopped, or cut off). The
  /// mark is kept for at least 30 days after the release. May be repeated.
  virtual Result<void> fence(std::uint64_t process, WallTime now) = 0;

  /// accounts() and change_slices() of one account.
  Result<AccountState> account(std::uint64_t process, const AccountKey& key) {
    auto states = accounts(process, {&key, 1});
    if (!states) return std::move(states).error();
    return states->front();
  }
  Result<Money> lease(std::uint64_t process, const AccountKey& key, Money cap, Money delta) {
    const SliceChange change{key, cap, delta};
    auto made = change_slices(process, {&change, 1});
    if (!made) return std::move(made).error();
    return made->front();
  }
};

}  // namespace gateway
