// Spend accounts, and the slices of them that processes have leased.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "gateway/leases.h"
#include "gateway/row.h"

namespace gateway::sqlite {

// What the rows of one batch that leave `open` add to the accounts there are.
class AccountChanges {
 public:
  void add(const Row& row, std::int64_t project);
  // Within the rows' write transaction.
  void write(Database& db) const;

 private:
  struct Cost {
    std::int64_t bucket;  // within which no period begins or ends
    std::int64_t process;
    bool correction;  // no slice was leased for it
    MoneySum cost;    // of one row, or of several in a row if none is negative
  };
  std::map<std::int64_t, std::vector<Cost>> by_project_;
};

// Nothing if the account does not exist yet.
std::optional<AccountState> find_account(Database& db, Names& names, std::uint64_t process, const AccountKey& key);
// What it would be, summed from the rollup.
AccountState sum_account(Database& db, Names& names, const AccountKey& key);
// In a write transaction: makes the account, from the rollup.
AccountState make_account(Database& db, Names& names, std::uint64_t process, const AccountKey& key);
// In a write transaction: see Leases::change_slices.
Money change_slice(Database& db, Names& names, std::uint64_t process, const SliceChange& asked);
void release_slices(Database& db, std::uint64_t process);

// Periods are sums of the rollup's steps: invalid if one begins or ends within a step.
Result<void> check_account_key(const AccountKey& key);

// The costs of all closed rows of a project in [starts, ends), from the rollup.
MoneySum spent_in(Database& db, std::int64_t project, std::int64_t starts, std::int64_t ends);

}  // namespace gateway::sqlite
