// The ledger against OpenRouter's bill: what `gateway reconcile` and the nightly run share.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/store.h"
#include "ledger/reconcile.h"
#include "providers/provider.h"

namespace gateway::app {

struct ReconcileRequest {
  std::string provider;             // ours; of type openrouter, unless there is a file
  std::optional<std::string> file;  // an exported bill instead of asking
  WallTime since{}, until{};        // whole UTC days
};

struct Reconciliation {
  std::vector<ActivityRow> bill;
  std::vector<ReconciledLine> lines;
};

// The provider of that name, made ready. not_found tells which there are.
Result<std::shared_ptr<const Provider>> provider_of(const Config& config, const std::string& name);
Result<Reconciliation> reconcile_with(Store& store, const Config& config, const ReconcileRequest& request,
                                      const std::stop_token& stop = {});

// What OpenRouter's GET /key says the key has spent in the UTC day that is not over yet.
Result<Money> spent_today(const Config& config, const std::string& provider);

}  // namespace gateway::app
