#include "sim/memory_accounts.h"

#include <algorithm>
#include <set>

namespace gateway::testing {
namespace {

bool counts_for(const AccountKey& key, const Row& row) {
  return row.state != RowState::open && row.project.view() == key.project && key.start <= row.accepted &&
         row.accepted < key.end;
}

}  // namespace

MemoryAccounts::Account& MemoryAccounts::find(const AccountKey& key, const std::vector<Row>& rows) {
  const auto known =
      std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& account) { return account.key == key; });
  if (known != accounts_.end()) return *known;
  Account account{key, {}, {}};
  for (const Row& row : rows) {
    if (counts_for(key, row)) account.spent += row.cost;
  }
  return accounts_.emplace_back(std::move(account));
}

AccountState MemoryAccounts::state(std::uint64_t process, const AccountKey& key, const std::vector<Row>& rows) {
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

Money MemoryAccounts::change(std::uint64_t process, const SliceChange& asked, const std::vector<Row>& rows) {
  const AccountState now = state(process, asked.account, rows);
  const MoneySum left = std::max(MoneySum{}, MoneySum(asked.cap) - now.spent - now.leased);
  const MoneySum change = std::clamp(MoneySum(asked.delta), MoneySum{} - now.own, left);
  auto& slices = find(asked.account, rows).slices;
  // A slice of nothing that was asked for stays: it tells the others that this process wants one.
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
    if (row.entry > 0 || row.cost.is_negative()) continue;
    if (const auto slice = account.slices.find(row.process); slice != account.slices.end()) {
      slice->second = std::max(MoneySum{}, slice->second - row.cost);
    }
  }
}

}  // namespace gateway::testing
