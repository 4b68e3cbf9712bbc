// The ledger against OpenRouter's bill: what `gateway reconcile` and the nightly run share.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "billing/reconcile.h"
#include "gateway/config.h"
#include "gateway/ledger.h"
#include "providers/provider.h"

namespace gateway::app {

// What GET /activity reports: the last days that are over.
inline constexpr std::chrono::days kDaysOfBill{30};

struct ReconcileRequest {
  std::string provider;             // ours; of type openrouter, unless there is a file
  std::optional<std::string> file;  // an exported bill instead of a query
  // Whole days, as somebody named them. Both: the bill has all of what was charged from one to the other. Else a
  // file has its own days, and what is asked for those of kDaysOfBill.
  std::optional<WallTime> since{}, until{};
  Zone zone{};  // whose days those of the file are; empty: UTC, as a provider's own bill has them
};

struct Reconciliation {
  std::vector<ActivityRow> bill;
  ReconcileQuery query;  // with what was compared
  std::vector<ReconciledLine> lines;
};

// The provider of that name, made ready. not_found lists which there are.
Result<std::shared_ptr<const Provider>> provider_of(const Config& config, const std::string& name);
// One of type openrouter, for a command that reads what only OpenRouter publishes: `what`. Its errors are usage errors.
Result<std::shared_ptr<const Provider>> openrouter_of(const Config& config, const std::string& name,
                                                      std::string_view what);
Result<Reconciliation> reconcile_with(Ledger& ledger, const Config& config, const ReconcileRequest& request,
                                      WallTime now, const std::stop_token& stop = {});

// Whether the bill can be read at all.
Result<void> check_bill(const std::string& path);

// What the key has spent, as OpenRouter's GET /key reports it, in the UTC day that is not over yet.
Result<Money> spent_today(const Config& config, const std::string& provider);

}  // namespace gateway::app
