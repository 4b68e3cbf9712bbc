#include "ledger/late_rows.h"

#include <algorithm>

namespace gateway {
namespace {

// What the entries of an attempt come to together.
struct KnownAttempt {
  RowState state = RowState::open;
  std::uint16_t last_entry = 0;
  Usage usage;
  MoneySum cost, upstream_cost;
};

Result<KnownAttempt> read_attempt(Ledger& ledger, const Row& row) {
  RowQuery query;
  query.request = row.request;
  query.limit = 0;
  KnownAttempt attempt;
  auto read = ledger.rows(query, [&](const Row& entry) {
    if (entry.attempt != row.attempt) return true;
    if (entry.entry == 0) attempt.state = entry.state;
    attempt.last_entry = std::max(attempt.last_entry, entry.entry);
    attempt.usage += entry.usage;
    attempt.cost += entry.cost;
    attempt.upstream_cost += entry.upstream_cost;
    return true;
  });
  if (!read) return std::move(read).error();
  return attempt;
}

}  // namespace

Result<std::vector<Row>> late_adjustments(Ledger& ledger, std::span<const Row> rows, std::uint64_t process) {
  std::vector<Row> out;
  for (const Row& row : rows) {
    const auto stored = read_attempt(ledger, row);
    if (!stored) return stored.error();
    if (stored->state != RowState::interrupted) continue;
    Row late = row;
    late.process = process;
    late.entry = static_cast<std::uint16_t>(stored->last_entry + 1);
    late.state = RowState::adjustment;
    late.hold = Money{};
    late.cost = (MoneySum(row.cost) - stored->cost).to_money_saturated();
    late.upstream_cost = (MoneySum(row.upstream_cost) - stored->upstream_cost).to_money_saturated();
    late.usage -= stored->usage;
    if (late.cost.is_zero() && late.upstream_cost.is_zero() && late.usage == Usage{}) continue;
    out.push_back(late);
  }
  return out;
}

}  // namespace gateway
