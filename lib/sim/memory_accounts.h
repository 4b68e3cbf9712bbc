// The spend accounts of a memory store: what was spent, and who has which slice.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "gateway/leases.h"
#include "gateway/row.h"

namespace gateway::testing {

class MemoryAccounts {
 public:
  // An account that was not known begins with what `rows` say.
  AccountState state(std::uint64_t process, const AccountKey& key, const std::vector<Row>& rows);
  Money change(std::uint64_t process, const SliceChange& asked, const std::vector<Row>& rows);
  void release(std::uint64_t process);
  std::vector<std::uint64_t> holders() const;
  // A row that is no longer open has come, or has ceased to be open.
  void closed(const Row& row);

 private:
  struct Account {
    AccountKey key;
    MoneySum spent;
    std::map<std::uint64_t, MoneySum> slices;
  };
  Account& find(const AccountKey& key, const std::vector<Row>& rows);
  std::vector<Account> accounts_;
};

}  // namespace gateway::testing
