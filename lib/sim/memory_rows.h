// The rows of a memory store: those that are there, and those of which only the sums are left.
#pragma once

#include <vector>

#include "gateway/row.h"

namespace gateway::testing {

struct MemoryRows {
  std::vector<Row> there;   // by request, attempt, entry
  std::vector<Row> pruned;  // closed ones

  template <class Each>
  void each(Each each) const {
    for (const Row& row : there) each(row);
    for (const Row& row : pruned) each(row);
  }
};

}  // namespace gateway::testing
