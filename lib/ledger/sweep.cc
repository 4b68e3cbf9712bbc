#include "ledger/sweep.h"

#include <algorithm>
#include <set>
#include <span>

#include "ledger/fold.h"

namespace gateway {
namespace {

constexpr std::size_t kRowsAtOnce = 1000;

Result<void> append_all(Ledger& ledger, std::span<const Row> rows, std::span<const RefusalCount> refusals) {
  while (!rows.empty() || !refusals.empty()) {
    const auto some = rows.first(std::min(kRowsAtOnce, rows.size()));
    const auto counts = refusals.first(std::min(kRowsAtOnce, refusals.size()));
    if (auto done = ledger.append({some, counts}); !done) return done;
    rows = rows.subspan(some.size());
    refusals = refusals.subspan(counts.size());
  }
  return {};
}

}  // namespace

SweepReport& SweepReport::operator+=(const SweepReport& other) {
  processes += other.processes;
  replayed += other.replayed;
  closed += other.closed;
  damaged += other.damaged;
  held = held.plus_saturated(other.held);
  return *this;
}

Result<SweepReport> close_open_rows(Ledger& ledger, std::uint64_t process, WallTime now) {
  auto open = ledger.open_rows(process);
  if (!open) return std::move(open).error();
  SweepReport report;
  for (Row& row : *open) {
    row.state = RowState::interrupted;
    row.cost = row.hold;
    row.cost_source = CostSource::held;
    row.ended = now;
    row.flags |= row_flag::usage_missing;
    report.held = report.held.plus_saturated(row.cost);
  }
  if (auto done = append_all(ledger, *open, {}); !done) return std::move(done).error();
  report.closed = open->size();
  return report;
}

Result<SweepReport> sweep_process(Ledger& ledger, Leases& leases, const Journal::Records& records,
                                  std::uint64_t process, WallTime now) {
  if (auto done = leases.fence(process, now); !done) return std::move(done).error();
  const std::vector<Row> rows = fold_rows(records.rows);
  if (auto done = append_all(ledger, rows, records.refusals); !done) return std::move(done).error();
  auto report = close_open_rows(ledger, process, now);
  if (!report) return report;
  if (auto done = leases.release_leases(process); !done) return std::move(done).error();
  report->processes = 1;
  report->replayed = rows.size();
  report->damaged = records.damaged;
  return report;
}

Result<SweepReport> sweep_lost(Ledger& ledger, Leases& leases,
                               const std::function<bool(std::uint64_t process)>& runs_here, WallTime now) {
  auto open = ledger.open_rows(0);
  if (!open) return std::move(open).error();
  auto known = leases.processes(now);
  if (!known) return std::move(known).error();
  std::set<std::uint64_t> processes, alive;
  for (const ProcessState& each : *known) (each.alive ? alive : processes).insert(each.process);
  for (const Row& row : *open) {
    if (!alive.contains(row.process)) processes.insert(row.process);
  }

  SweepReport report;
  for (const std::uint64_t process : processes) {
    if (runs_here(process)) continue;
    auto swept = sweep_process(ledger, leases, {}, process, now);
    if (!swept) return swept;
    report += *swept;
  }
  return report;
}

}  // namespace gateway
