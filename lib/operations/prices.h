// The prices in force: of the configured targets, and of all else that their providers list.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operations/snapshot.h"
#include "policy/pricing/price_book.h"

namespace gateway::operations {

struct PriceQuery {
  std::optional<std::string> provider;
  std::optional<std::string> model;  // as the provider names it
  Page page{};
};

struct ListedPrice {
  std::string provider, model;
  PriceInForce price;  // the snapshot's
};

struct PriceList {
  std::shared_ptr<const Snapshot> snapshot;  // keeps what the prices point to
  std::vector<ListedPrice> prices;           // each provider, model and list once; targets first
  std::size_t all = 0;                       // how many there are, on all pages
  std::optional<std::string> next;
};

// What has no price is not listed. A cursor counts the prices before it: a list that was fetched meanwhile may move
// them. Errors: refused, as make_snapshot_of; invalid (the cursor).
Result<PriceList> list_prices(const Deployment& deployment, Catalogues catalogues, const PriceQuery& query);

}  // namespace gateway::operations
