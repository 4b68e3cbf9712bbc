// The flags that choose rows of the ledger.
#pragma once

#include <optional>
#include <string>

#include "app/cli/flags.h"
#include "gateway/ledger.h"
#include "gateway/result.h"

namespace gateway::app {

struct RowFilter {
  std::optional<std::string> project, key, model, provider, state, request, since, until;
  Result<RowQuery> query(WallTime now) const;
};
void add_flags(CLI::App& command, RowFilter& filter);

}  // namespace gateway::app
