// What the ledger's comparisons with the providers' bills found last.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "billing/reconcile.h"
#include "gateway/money.h"
#include "gateway/time.h"

namespace gateway::operations {

struct ComparedBill {
  std::string provider;
  WallTime finished{};
  std::string trouble;                // why it could not be compared; empty: it was
  WallTime since{}, until{};          // what follows is of the last time that it could be
  std::vector<ReconciledLine> lines;  // those that differ, and still do if differences are booked
  MoneySum ledger, billed;
  std::size_t booked = 0;  // adjustments that were made then
};

struct ReconciliationReport {
  WallTime last_success{};          // when all bills could be compared; zero: never
  std::int64_t failures = 0;        // bills that could not be, since the start
  std::vector<ComparedBill> bills;  // by provider, in the configuration's order
};

}  // namespace gateway::operations
