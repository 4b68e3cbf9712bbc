// The ledger against a provider's own bill, per day and model.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/result.h"
#include "gateway/store.h"
#include "wire/activity.h"

namespace gateway {

struct ReconciledLine {
  std::string day;    // "2026-11-22", UTC
  std::string model;  // as the bill names it; as the ledger does where the bill knows nothing of it
  MoneySum ledger, billed;
  MoneySum byok;  // what the provider's providers charged keys of one's own: told, never part of the difference
  std::int64_t ledger_requests = 0, billed_requests = 0;
  std::int64_t ledger_input = 0, billed_input = 0;
  std::int64_t ledger_output = 0, billed_output = 0;
  std::int64_t open = 0;  // rows of the ledger whose cost is not known yet

  MoneySum difference() const { return billed - ledger; }
};

struct ReconcileQuery {
  std::string provider;  // ours
  WallTime since{}, until{};
};

// One line for each (day, model) that either side knows, by day, then model. A model stands in the bill by its name or
// by its permaslug; the ledger's row is matched by what the provider answered it was, else by what it was asked for.
Result<std::vector<ReconciledLine>> reconcile(Store& store, const ReconcileQuery& query,
                                              const std::vector<ActivityRow>& bill);

// Lines that differ by more than `tolerance`, in money; or in requests where `requests_too`.
std::vector<ReconciledLine> differing(const std::vector<ReconciledLine>& lines, MoneySum tolerance);

struct Booking {
  std::vector<Row> adjustments;            // rows to append
  std::vector<ReconciledLine> impossible;  // differences on a day and model that the ledger has no row of
};
// Adjustment rows that make up the differences: each line's spread over the projects in proportion to their cost
// (evenly where there is none), to the last digit, and attached to the project's last row of that day and model.
// Booking the same bill again finds nothing to book.
Result<Booking> plan_booking(Store& store, const ReconcileQuery& query, const std::vector<ActivityRow>& bill,
                             const std::vector<ReconciledLine>& lines, std::uint64_t process, WallTime now);

}  // namespace gateway
