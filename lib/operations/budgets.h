// What each project may spend, has spent, holds, and will probably have spent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "operations/projects.h"
#include "policy/pricing/forecast.h"

namespace gateway::operations {

struct BudgetQuery {
  std::optional<std::string> project;
  Page page{};
};

struct Budget {
  std::string project;
  SpendMode mode = SpendMode::strict;
  std::string timezone;
  CapState state;
  Forecast forecast{};  // without a database it is too early for any
};

struct BudgetList {
  std::vector<Budget> budgets;  // by project, then in the order of its caps
  std::size_t all = 0;          // how many there are, on all pages
  std::optional<std::string> next;
};

// Projects without a cap have no budget. A cursor counts the budgets before it.
// Errors: not_found (the project), invalid (the cursor).
Result<BudgetList> list_budgets(const Deployment& deployment, const BudgetQuery& query);

}  // namespace gateway::operations
