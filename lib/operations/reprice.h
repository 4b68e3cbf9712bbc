// What rows that we priced would cost at today's prices. Rows keep the prices they were priced with: this only reports.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gateway/ledger.h"
#include "gateway/money.h"
#include "gateway/result.h"
#include "proxy/snapshot.h"

namespace gateway::operations {

struct RepricedModel {
  std::string provider, model;  // as sent to the provider
  std::int64_t rows = 0;
  std::int64_t unpriced = 0;  // of them, those that have no price today: not in the costs
  MoneySum cost, now;
  std::set<std::string, std::less<>> versions, versions_now;
  MoneySum difference() const { return now - cost; }
};

// Rows of cost_source priced or estimated that match, by provider and model, without those whose cost is more than
// tokens times prices (flags surcharged, byok). Images and audio parts are not kept in
// rows: if they have a price of their own, it is missing from `now`, which has all of their tokens instead.
Result<std::vector<RepricedModel>> reprice(Ledger& ledger, RowQuery query, const Snapshot& snapshot);

}  // namespace gateway::operations
