#include "sim/memory_accounts.h"

#include <algorithm>
#include <set>

namespace gateway::testing {
namespace {

bool counts_for(const AccountKey& key, const Row& row) {
  return row.state != RowState::open && row.project.view() == key.project && key.start <= row.accepted &&
         row.accepted < key.end;
}

MoneySum spent_in(const AccountKey& key, const MemoryRows& rows) {
  MoneySum spent;
  rows.each([&](const Row& row) {
    if (counts_for(key, row)) spent += row.cost;
  });
  return spent;
}

}  // namespace

MemoryAccounts::Account& MemoryAccounts::find(const AccountKey& key, const MemoryRows& rows) {
  const auto known =
      std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& account) { return account.key == key; });
  if (known != accounts_.end()) return *known;
  return accounts_.emplace_back(Account{.key = key, .spent = spent_in(key, rows), .slices = {}});
}

AccountState MemoryAccounts::state(std::uint64_t process, const AccountKey& key, const MemoryRows& rows) {
  const Account& account = find(key, rows);
  AccountState state{.spent = account.spent, .leased = {}, .own = {}, .processes = 1};
  for (const auto& [owner, slice] : account.slices) {
    state.leased += slice;
    if (owner == process) {
      state.own = slice;
    } else {
      ++state.processes;
    }
  }
  return state;
}

Money MemoryAccounts::change(std::uint64_t process, const SliceChange& asked, const MemoryRows& rows) {
  const AccountState now = state(process, asked.account, rows);
  const MoneySum left = std::max(MoneySum{}, MoneySum(asked.cap) - now.spent - now.leased);
  const MoneySum change = std::clamp(MoneySum(asked.delta), MoneySum{} - now.own, left);
  Account& account = find(asked.account, rows);
  auto& slices = account.slices;
  if (change > MoneySum{}) account.cap = asked.cap, account.uncovered = MoneySum{};
  // A slice of nothing that was requested stays: it shows the others that this process wants one.
  if (now.own + change == MoneySum{} && asked.delta <= Money()) {
    slices.erase(process);
  } else {
    slices[process] += change;
  }
  return change.to_money_saturated();
}

void MemoryAccounts::release(std::uint64_t process) {
  for (Account& account : accounts_) account.slices.erase(process);
}

std::vector<std::uint64_t> MemoryAccounts::holders() const {
  std::set<std::uint64_t> holders;
  for (const Account& account : accounts_) {
    for (const auto& [owner, slice] : account.slices) holders.insert(owner);
  }
  return {holders.begin(), holders.end()};
}

void MemoryAccounts::closed(const Row& row) {
  for (Account& account : accounts_) {
    if (!counts_for(account.key, row)) continue;
    account.spent += row.cost;
    if (row.cost.is_negative()) continue;
    const auto slice = row.entry > 0 ? account.slices.end() : account.slices.find(row.process);
    MoneySum covered;
    if (slice != account.slices.end()) covered = std::min(slice->second, MoneySum(row.cost)), slice->second -= covered;
    account.uncovered += MoneySum(row.cost) - covered;
  }
}

std::int64_t MemoryAccounts::verify(const MemoryRows& rows, std::vector<std::string>& findings) const {
  for (const Account& account : accounts_) {
    const std::string name = "account of project " + account.key.project;
    if (account.spent != spent_in(account.key, rows))
      findings.push_back(name + ": what it has spent is not its rows' cost");
    MoneySum leased;
    for (const auto& [owner, slice] : account.slices) leased += slice;
    if (leased.is_negative()) findings.push_back(name + ": a slice is negative");
    if (account.cap && leased > MoneySum{} && account.spent + leased > MoneySum(*account.cap) + account.uncovered)
      findings.push_back(name + ": what is spent and leased passes its cap");
  }
  return static_cast<std::int64_t>(accounts_.size());
}

}  // namespace gateway::testing
