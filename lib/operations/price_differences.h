// What differs between two price lists of one provider.
#pragma once

#include <string>
#include <vector>

#include "policy/pricing/price_book.h"

namespace gateway::operations {

struct PriceDifference {
  std::string model;
  std::string condition;  // of the override that differs; empty: the base prices
  std::string figure;     // "input" ...; "model" or "override" if only one list has it; "order" of the overrides
  std::string kept, now;  // amounts in `unit`; "listed" for a model or override that is there
  std::string unit;       // empty if the figure is no amount
};

// By model. `kept` may be null: nothing was kept.
std::vector<PriceDifference> differences(const Catalogue* kept, const Catalogue& now);

}  // namespace gateway::operations
