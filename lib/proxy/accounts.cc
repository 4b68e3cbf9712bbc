#include "proxy/accounts.h"

#include <algorithm>

#include "base/time_text.h"
#include "policy/limits/lease.h"
#include "policy/limits/period.h"

namespace gateway {
namespace {

constexpr auto kAccountsEvery = std::chrono::milliseconds(500);
constexpr auto kUsageEvery = std::chrono::seconds(30);
// An exchange may still be dispatched in the period in which it was accepted, or the calendar be set back.
constexpr auto kKeepEnded = std::chrono::days(1);
constexpr Period kPeriods[] = {Period::day, Period::week, Period::month, Period::total};

// A clock that was set back has days to come in the ledger.
bool is_in_period(const PeriodBounds& bounds, WallTime at) noexcept { return at >= bounds.start && at < bounds.end; }

// Whether the project has a cap that the account is of, in whichever of its periods.
bool is_configured(const Project* project, const AccountKey& key) {
  if (project == nullptr) return false;
  const SpendConfig& spend = project->config.spend;
  const bool has_cap =
      std::any_of(spend.caps.begin(), spend.caps.end(), [&](const SpendCap& cap) { return cap.period == key.period; });
  return has_cap && (key.period == Period::total || period_of(key.period, key.start, spend.zone).end == key.end);
}

}  // namespace

Result<void> Accounts::renew(const Snapshot& snapshot, TimePoint now, WallTime wall) {
  const bool all = now >= next_accounts_;
  if (all) {
    next_accounts_ = now + kAccountsEvery;
    if (auto made = make_accounts(snapshot, wall); !made) return made;
    if (auto read = read_usage(snapshot, now, wall); !read) return read;
  }
  std::vector<Turn> each = turns(snapshot, wall, all);
  if (!each.empty()) {
    if (auto taken = take(each, now); !taken) return taken;
  }
  std::erase_if(holders_, [all](const auto& holder) {
    Spend& spend = holder.second->spend;
    if (all) spend.free_retired();
    return spend.accounts().empty() && spend.retired() == 0;
  });
  return {};
}

std::vector<Accounts::Turn> Accounts::turns(const Snapshot& snapshot, WallTime wall, bool all) {
  std::vector<Turn> out;
  for (const auto& [name, state] : holders_) {
    const Project* project = snapshot.project(name);
    for (SpendAccount* account : state->spend.accounts()) {
      const AccountKey& key = account->key();
      const bool configured = is_configured(project, key);
      const bool wanted = configured && !account->wanted().is_zero();
      Turn turn{&name, &state->spend, account, nullptr};
      if (wanted || (all && configured && wall < key.end)) {
        turn.config = &project->config.spend;
      } else if (all) {
        turn.keep = configured && wall - key.end < kKeepEnded;
        if (turn.keep && seen_[account].returned) continue;
      } else {
        continue;
      }
      out.push_back(turn);
    }
  }
  return out;
}

Result<void> Accounts::take(std::vector<Turn>& turns, TimePoint now) {
  std::vector<AccountKey> keys;
  for (const Turn& turn : turns) keys.push_back(turn.account->key());
  auto states = leases_.accounts(process_, keys);
  if (!states) return std::move(states).error();

  std::vector<SliceChange> changes;
  std::vector<Turn*> changed;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    Turn& turn = turns[i];
    const AccountState& state = (*states)[i];
    if (!(turn.config != nullptr ? renew_lease(turn, state, now) : wind_down(turn, state))) continue;
    changes.push_back({std::move(keys[i]), turn.account->cap(), turn.change});
    changed.push_back(&turn);
  }
  if (!changes.empty()) {
    // Money whose return is in doubt stays unavailable: the next rebase() finds it in the slice if the store did not
    // take it.
    auto made = leases_.change_slices(process_, changes);
    if (!made) return std::move(made).error();
    for (std::size_t i = 0; i < changed.size(); ++i) {
      if (!changed[i]->change.is_negative()) changed[i]->account->grant((*made)[i]);
    }
  }
  for (const Turn& turn : turns) finish(turn);
  return {};
}

// The next period's account is there before the period begins, so that its first request finds it.
Result<void> Accounts::make_accounts(const Snapshot& snapshot, WallTime wall) {
  for (const auto& [name, project] : snapshot.projects) {
    const SpendConfig& spend = project.config.spend;
    if (!spend.caps.empty()) holders_.emplace(name, project.state);
    for (const SpendCap& cap : spend.caps) {
      PeriodBounds bounds = period_of(cap.period, wall, spend.zone);
      for (int i = 0; i < 2; ++i) {
        SpendAccount& account = project.state->spend.account({name, cap.period, bounds.start, bounds.end}, cap.cap);
        account.set_cap(cap.cap);
        if (cap.period == Period::total) break;
        bounds = period_of(cap.period, bounds.end, spend.zone);
      }
    }
  }
  return {};
}

bool Accounts::renew_lease(Turn& turn, const AccountState& state, TimePoint now) {
  SpendAccount& account = *turn.account;
  account.rebase(state.spent, state.own.to_money_saturated());

  const SpendAccount::View view = account.view();
  Seen& seen = seen_[&account];
  seen.returned = false;
  if (!view.held.is_zero() || view.spent != seen.spent || !account.wanted().is_zero())
    seen.busy = now, seen.spent = view.spent;
  SliceNeed need;
  need.free = std::max(Money{}, view.available);
  need.smallest = need.largest = account.wanted();
  // Nobody else is there to use what this process leaves lying.
  if (state.processes > 1) need.idle = now - seen.busy;
  account.clear_wanted();

  Money change = slice_change(account.cap(), state, need);
  if (change.is_zero()) return false;
  // Given back: taken out of reach of the workers first, so that it cannot be held twice.
  if (change.is_negative())
    change = Money{}.minus(account.give_back(Money{}.minus(change).value_or(Money{}))).value_or(Money{});
  turn.change = change;
  return true;
}

// Returns the lease as far as it is not in use.
bool Accounts::wind_down(Turn& turn, const AccountState& state) {
  SpendAccount& account = *turn.account;
  account.rebase(state.spent, state.own.to_money_saturated());
  account.clear_wanted();
  const Money free = account.give_back(Money::max());
  turn.quiet = account.is_quiet();
  turn.change = Money::units(-free.units());
  // Nothing, once: that takes back the claim.
  return !free.is_zero() || turn.quiet;
}

void Accounts::finish(const Turn& turn) {
  if (turn.config != nullptr) return look_at_thresholds(*turn.project, *turn.config, *turn.account);
  seen_[turn.account].returned = turn.quiet;
  if (!turn.quiet || turn.keep) return;
  seen_.erase(turn.account);
  turn.spend->retire(*turn.account);
}

void Accounts::look_at_thresholds(const std::string& project, const SpendConfig& spend, const SpendAccount& account) {
  __extension__ using Wide = __int128;
  Seen& seen = seen_[&account];
  const Money spent = account.view().spent;
  for (const SpendCap& cap : spend.caps) {
    if (cap.period != account.key().period || cap.cap.is_zero()) continue;  // of nothing there are no percents
    int passed = 0;
    for (const int percent : cap.warn_percent) {
      const bool reached = static_cast<Wide>(spent.units()) * 100 >= static_cast<Wide>(cap.cap.units()) * percent;
      if (reached) passed = std::max(passed, percent);
    }
    if (passed > seen.warned_percent) warn_(project, cap, passed, spent);
    seen.warned_percent = std::max(seen.warned_percent, passed);
  }
}

// What lies before yesterday is summed once a day: a ledger of years has much of it, and little of that changes.
Result<void> Accounts::read_usage(const Snapshot& snapshot, TimePoint now, WallTime wall) {
  const WallTime today = period_of(Period::day, wall, {}).start;
  if (now < next_usage_ && today == usage_day_) return {};
  const WallTime yesterday = today - std::chrono::days(1);
  if (today != usage_day_) {
    Figures history;
    if (auto added = add_usage(history, {.until = yesterday}, today); !added) return added;
    usage_history_ = std::move(history);
  }
  Figures figures = usage_history_;
  if (auto added = add_usage(figures, {.since = yesterday}, today); !added) return added;
  next_usage_ = now + kUsageEvery;
  usage_day_ = today;
  for (const auto& [name, project] : snapshot.projects) {
    const auto& sums = figures[name];
    for (std::size_t i = 0; i < sums.size(); ++i) project.state->usage.set(kPeriods[i], sums[i].to_money_saturated());
  }
  return {};
}

Result<void> Accounts::add_usage(Figures& figures, UsageQuery query, WallTime today) {
  query.by = {UsageKey::project, UsageKey::day};
  auto sums = ledger_.usage(query);
  if (!sums) return std::move(sums).error();
  for (const UsageSum& sum : *sums) {
    const auto day = parse_day(sum.key.back());
    auto& of_project = figures[sum.key.front()];
    for (std::size_t i = 0; i < of_project.size(); ++i) {
      if (day && is_in_period(period_of(kPeriods[i], today, {}), *day)) of_project[i] += sum.cost;
    }
  }
  return {};
}

void Accounts::appended(ProjectState& project, const AppendedCost& cost) {
  if (cost.cost.is_zero()) return;
  for (const Period period : kPeriods) {
    if (is_in_period(period_of(period, usage_day_, {}), cost.accepted)) project.usage.add(period, cost.cost);
  }
  for (SpendAccount* account : project.spend.accounts()) {
    const AccountKey& key = account->key();
    if (cost.accepted >= key.start && cost.accepted < key.end) account->appended(cost.cost);
  }
}

}  // namespace gateway
