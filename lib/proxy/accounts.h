// Keeps the spend accounts of all projects in step with the store: makes them ahead of time, renews their leases,
// returns idle money, and retires them once they are of no more use; and the figures of use that callers may query.
// The ledger thread's alone.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/leases.h"
#include "gateway/ledger.h"
#include "ledger/writer.h"
#include "proxy/project_state.h"
#include "proxy/snapshot.h"

namespace gateway {

class Accounts {
 public:
  // Called when a project's spending passes one of its soft thresholds, once a period.
  using Warn = std::function<void(const std::string& project, const SpendCap& cap, int percent, Money spent)>;

  Accounts(Ledger& ledger, Leases& leases, std::uint64_t process, Warn warn)
      : ledger_(ledger), leases_(leases), process_(process), warn_(std::move(warn)) {}

  // Makes sure that the accounts of this period and of the next one are there, and renews leases that are short.
  // However many accounts there are, all are read by one call of the store, and all slices changed by another. Errors
  // are the store's; what could not be done is done next time.
  Result<void> renew(const Snapshot& snapshot, TimePoint now, WallTime wall);
  // Goes on as another process, since this one was fenced and its slices released.
  void act_as(std::uint64_t process) { process_ = process; }
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
  // One account's part in a renewal.
  struct Turn {
    const std::string* project;
    Spend* spend;
    SpendAccount* account;
    const SpendConfig* config;  // null: its cap is no more or its period is over, so it is wound down
    bool keep = false;          // after that, until the period is well over
    bool quiet = false;         // wound down: all of its lease can go back now
    Money change{};             // of the slice; of one that is wound down zero takes back the claim
  };
  std::vector<Turn> turns(const Snapshot& snapshot, WallTime wall, bool all);
  Result<void> take(std::vector<Turn>& turns, TimePoint now);
  // Each decides of one account by what the store has of it. True: its slice is to be changed.
  bool renew_lease(Turn& turn, const AccountState& state, TimePoint now);
  bool wind_down(Turn& turn, const AccountState& state);
  void finish(const Turn& turn);
  void look_at_thresholds(const std::string& project, const SpendConfig& spend, const SpendAccount& account);
  using Figures = std::unordered_map<std::string, std::array<MoneySum, 4>>;  // by project: day, week, month, total
  Result<void> read_usage(const Snapshot& snapshot, TimePoint now, WallTime wall);
  Result<void> add_usage(Figures& figures, UsageQuery query, WallTime today);

  Ledger& ledger_;
  Leases& leases_;
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
