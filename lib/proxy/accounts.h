// Keeps the spend accounts of all projects in step with the store: makes them ahead of time, renews their leases,
// returns idle money, and retires them once they are of no more use; and the figures of use that callers may ask for.
// The ledger thread's alone.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>

#include "gateway/store.h"
#include "ledger/writer.h"
#include "proxy/project_state.h"
#include "proxy/snapshot.h"

namespace gateway {

class Accounts {
 public:
  // Told when a project's spending passes one of its soft thresholds, once a period.
  using Warn = std::function<void(const std::string& project, const SpendCap& cap, int percent, Money spent)>;

  Accounts(Store& store, std::uint64_t process, Warn warn) : store_(store), process_(process), warn_(std::move(warn)) {}

  // Makes sure that the accounts of this period and of the next one are there, and renews leases where they are short.
  // Errors are the store's; what could not be done is done next time.
  Result<void> renew(const Snapshot& snapshot, TimePoint now, WallTime wall);
  // A cost of ours is in the store now. Of each project's state, also of one that has been deleted since: it may come
  // back.
  void appended(ProjectState& project, const AppendedCost& cost);

 private:
  struct Seen {
    TimePoint busy{};
    Money spent;
    int warned_percent = 0;
    bool returned = false;  // its lease is, all of it
  };
  Result<void> make_accounts(const Snapshot& snapshot, WallTime wall);
  Result<void> renew_lease(SpendAccount& account, TimePoint now);
  // Returns the lease of an account whose cap is no more or whose period is over, as far as it is not in use; retires
  // it after that unless it is to be kept.
  Result<void> wind_down(Spend& spend, SpendAccount& account, bool keep);
  void look_at_thresholds(const std::string& project, const SpendConfig& spend, const SpendAccount& account);
  using Figures = std::unordered_map<std::string, std::array<MoneySum, 4>>;  // by project: day, week, month, total
  Result<void> read_usage(const Snapshot& snapshot, TimePoint now, WallTime wall);
  Result<void> add_usage(Figures& figures, UsageQuery query, WallTime today);

  Store& store_;
  std::uint64_t process_;
  Warn warn_;
  std::map<std::string, ProjectState*> holders_;  // projects with accounts, also those that are no longer configured
  std::unordered_map<const SpendAccount*, Seen> seen_;
  TimePoint next_accounts_{};
  TimePoint next_usage_{};
  WallTime usage_day_{};
  Figures usage_history_;
};

}  // namespace gateway
