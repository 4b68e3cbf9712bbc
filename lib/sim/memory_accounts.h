// The spend accounts of a memory store: what was spent, and who has which slice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/leases.h"
#include "gateway/row.h"
#include "sim/memory_rows.h"

namespace gateway::testing {

class MemoryAccounts {
 public:
  // An account that was not known begins with the sums of `rows`.
  AccountState state(std::uint64_t process, const AccountKey& key, const MemoryRows& rows);
  Money change(std::uint64_t process, const SliceChange& asked, const MemoryRows& rows);
  void release(std::uint64_t process);
  std::vector<std::uint64_t> holders() const;
  // A row that is no longer open has come, or has ceased to be open.
  void closed(const Row& row);
  // As Ledger::verify has it. Returns how many accounts there are.
  std::int64_t verify(const MemoryRows& rows, std::vector<std::string>& findings) const;

 private:
  struct Account {
    AccountKey key;
    MoneySum spent;
    std::map<std::uint64_t, MoneySum> slices;
    std::optional<Money> cap{};  // of the last slice that grew
    MoneySum uncovered{};        // spent since then by no slice
  };
  Account& find(const AccountKey& key, const MemoryRows& rows);
  std::vector<Account> accounts_;
};

}  // namespace gateway::testing
