// The ledger against a provider's own bill, per day and model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger.h"
#include "gateway/result.h"
#include "wire/openrouter/activity.h"

namespace gateway {

struct ReconciledLine {
  std::string day;          // "2026-11-22", of the query's zone
  std::string model;        // as the bill names it; as the ledger does if the bill knows nothing of it
  MoneySum ledger, billed;  // of what the provider itself charges
  // What the provider's providers charge keys of one's own, by the bill and by the ledger: listed, never part of the
  // difference.
  MoneySum byok, ledger_byok;
  std::int64_t ledger_requests = 0, billed_requests = 0;
  std::int64_t ledger_input = 0, billed_input = 0;
  std::int64_t ledger_output = 0, billed_output = 0;
  std::int64_t open = 0;    // rows of the ledger whose cost is not known yet
  bool billed_day = false;  // the bill has a line of that day, whatever the model
  bool pruned = false;      // rows of that day are gone: this is the entire day, model kAllModels

  MoneySum difference() const { return billed - ledger; }
};

inline constexpr std::string_view kAllModels = "*";

// What may be concluded from a bill that has no line of a day.
enum class BillCovers : std::uint8_t {
  its_days,  // nothing: only days that it has a line of are compared
  range,     // all days of the range are compared, but those without a line are not booked
  vouched,   // as much as from any other: nothing was charged
};

struct ReconcileQuery {
  std::string provider;  // ours
  WallTime since{}, until{};
  Zone zone{};  // whose days the bill has; empty: UTC
  BillCovers covers = BillCovers::range;
};

// One line for each (day, model) that either side knows, by day, then model. A model is listed in the bill by its name
// or by its permaslug; the ledger's row is matched by what the provider answered it was, else by what was requested.
// Of a day whose rows were pruned the sums alone are left, which do not know all these names: one line for all of it.
Result<std::vector<ReconciledLine>> reconcile(Ledger& ledger, const ReconcileQuery& query,
                                              const std::vector<ActivityRow>& bill);

// Lines that differ by more than `tolerance`, in money.
std::vector<ReconciledLine> differing(const std::vector<ReconciledLine>& lines, MoneySum tolerance);
// What lines differ by, added up without signs: what one has more does not make up for what another has less.
MoneySum absolute_difference(const std::vector<ReconciledLine>& lines);

struct NotBooked {
  ReconciledLine line;
  std::string reason;
};
struct Booking {
  std::vector<Row> adjustments;  // rows to append
  std::vector<NotBooked> not_booked;
};
// Adjustment rows that make up the differences: each line's spread over the projects in proportion to their cost
// (evenly if there is none), to the last digit, and attached to the project's last row of that day and model.
// What is booked once is no difference any more. Not booked is a line
// - of a day that is not over at `now`, or that the bill has no line of, unless it is vouched for;
// - of a day with open rows, or with rows whose cost is still being queried: they bring their cost themselves;
// - without any row to attach to: pruned, or none of that day and model.
Result<Booking> plan_booking(Ledger& ledger, const ReconcileQuery& query, const std::vector<ActivityRow>& bill,
                             const std::vector<ReconciledLine>& lines, std::uint64_t process, WallTime now);

}  // namespace gateway
