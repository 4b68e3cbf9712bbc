// The proofs of Ledger::verify, within one read transaction. Each adds what it finds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "gateway/ledger.h"

namespace gateway::sqlite {

class Findings {
 public:
  explicit Findings(std::vector<std::string>& lines) : lines_(lines) {}
  void begin_kind() { of_kind_ = 0; }
  void add(std::string line);

 private:
  static constexpr int kMostOfAKind = 100;
  std::vector<std::string>& lines_;
  int of_kind_ = 0;
};

void verify_file(Database& db, Findings& findings);
std::int64_t verify_rows(Database& db, Findings& findings, std::int64_t first_bucket);
void verify_rollup(Database& db, Findings& findings, std::int64_t first_bucket);
void verify_days(Database& db, Findings& findings);
void verify_quarters(Database& db, Findings& findings);
std::int64_t verify_accounts(Database& db, Names& names, Findings& findings);

// All of them, on a connection of its own.
Result<LedgerProof> verify(const std::string& path);

}  // namespace gateway::sqlite
