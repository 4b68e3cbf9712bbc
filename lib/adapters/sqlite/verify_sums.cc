#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

#include "adapters/sqlite/accounts.h"
#include "adapters/sqlite/money_columns.h"
#include "adapters/sqlite/rollup.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/verify.h"
#include "base/time_text.h"

namespace gateway::sqlite {
namespace {

std::string line_name(const RollupKey& key) {
  return "sums of " + rfc3339(time_of(key.columns[0] * kBucketMicros)) + " (project " + std::to_string(key.columns[1]) +
         ", model " + std::to_string(key.columns[3]) + ", state " + std::to_string(key.columns[7]) + ")";
}

RollupKey line_key(const Query& query) {
  RollupKey key;
  for (std::size_t i = 0; i < key.columns.size(); ++i) key.columns[i] = query.integer(static_cast<int>(i));
  return key;
}

using Sums = std::unordered_map<RollupKey, Totals, RollupKeyHash>;

Sums sum_rows(Database& db, std::int64_t first_bucket) {
  Sums sums;
  Query query(db,
              "SELECT accepted, project, api_key, asked_model, served_model, provider, operation, state, error_code,"
              " attempt, entry, input, cached_input, cache_write, output, reasoning, cost, upstream_cost,"
              " images, audio_ms, characters, searches FROM ledger WHERE state <> 0");
  while (query.next()) {
    RollupKey key = line_key(query);
    key.columns[0] = bucket_of(key.columns[0]);
    if (key.columns[0] < first_bucket) continue;
    Row row;
    row.attempt = static_cast<std::uint16_t>(query.integer(9));
    row.entry = static_cast<std::uint16_t>(query.integer(10));
    row.usage = {query.integer(11), query.integer(12), query.integer(13), query.integer(14), query.integer(15),
                 query.integer(18), query.integer(19), query.integer(20), query.integer(21)};
    row.cost = Money::units(query.integer(16));
    row.upstream_cost = Money::units(query.integer(17));
    sums[key].add(row);
  }
  return sums;
}

}  // namespace

void verify_rollup(Database& db, Findings& findings, std::int64_t first_bucket) {
  findings.begin_kind();
  Sums sums = sum_rows(db, first_bucket);
  Query query(db, "SELECT * FROM rollup");
  while (query.next()) {
    const RollupKey key = line_key(query);
    const Totals told = read_totals(query, static_cast<int>(key.columns.size()));
    const std::int64_t pico = query.integer(static_cast<int>(key.columns.size()) + 8);
    if (pico < 0 || pico >= Money::kUnitsPerDollar) findings.add(line_name(key) + ": the cost is not in normal form");
    if (key.columns[0] < first_bucket) continue;
    const auto found = sums.find(key);
    if (found == sums.end()) {
      if (told != Totals{}) findings.add(line_name(key) + ": there are no rows for them");
      continue;
    }
    if (told.cost != found->second.cost) {
      findings.add(line_name(key) + ": they report a cost of " + told.cost.to_string() + ", the rows " +
                   found->second.cost.to_string());
    } else if (told != found->second) {
      findings.add(line_name(key) + ": their counts are not those of the rows");
    }
    sums.erase(found);
  }
  for (const auto& [key, totals] : sums) findings.add(line_name(key) + ": they are missing");
}

void verify_days(Database& db, Findings& findings) {
  findings.begin_kind();
  std::unordered_map<RollupKey, std::pair<Totals, std::int64_t>, RollupKeyHash> sums;  // and the last attempt's bucket
  constexpr int kTotals = 9, kLast = 24;
  Query lines(db, "SELECT * FROM rollup");
  while (lines.next()) {
    RollupKey key = line_key(lines);
    const std::int64_t bucket = std::exchange(key.columns[0], first_of_day(key.columns[0]));
    auto& [totals, last] = sums[key];
    const Totals line = read_totals(lines, kTotals);
    totals.add(line);
    if (line.attempts > 0) last = std::max(last, bucket);
  }
  Query days(db, "SELECT * FROM rollup_days");
  while (days.next()) {
    const RollupKey key = line_key(days);
    const auto found = sums.find(key);
    if (found == sums.end() || found->second != std::pair(read_totals(days, kTotals), days.integer(kLast)))
      findings.add(line_name(key) + ": the day's are not those of its quarters of an hour");
    if (found != sums.end()) sums.erase(found);
  }
  for (const auto& [key, sum] : sums) findings.add(line_name(key) + ": the day's are missing");
}

void verify_quarters(Database& db, Findings& findings) {
  findings.begin_kind();
  Query query(db,
              "SELECT count(*), min(accepted) FROM entries LEFT JOIN quarters ON bucket = accepted / 900000000 -"
              " (accepted % 900000000 < 0) WHERE bucket IS NULL OR id < first OR id > last OR ended_after > longest"
              " OR cost > dearest");
  if (query.next() && query.integer(0) > 0)
    findings.add(std::to_string(query.integer(0)) + " rows, the first accepted " + rfc3339(time_of(query.integer(1))) +
                 ", are not where their quarter of an hour says");
}

std::int64_t verify_accounts(Database& db, Names& names, Findings& findings) {
  findings.begin_kind();
  std::int64_t count = 0;
  Query query(db,
              "SELECT id, project, period, starts, ends, spent_dollars, spent_pico, uncovered_dollars, uncovered_pico,"
              " cap FROM accounts");
  while (query.next()) {
    ++count;
    const std::string name = "account of project " + std::string(names.text(query.integer(1))) + ", from " +
                             rfc3339(time_of(query.integer(3)));
    const MoneySum spent = read_money(query, 5);
    const MoneySum summed = spent_in(db, query.integer(1), query.integer(3), query.integer(4));
    if (spent != summed) {
      findings.add(name + ": it reports " + spent.to_string() + " spent, the sums " + summed.to_string());
    }
    MoneySum leased;
    Query slices(db, "SELECT amount FROM slices WHERE account = ?", query.integer(0));
    while (slices.next()) {
      if (slices.integer(0) < 0) findings.add(name + ": a slice is negative");
      leased += Money::units(slices.integer(0));
    }
    if (query.is_null(9) || leased <= MoneySum{}) continue;
    const MoneySum cap = Money::units(query.integer(9));
    const MoneySum uncovered = read_money(query, 7);
    if (spent + leased > cap + uncovered) {
      findings.add(name + ": " + spent.to_string() + " spent and " + leased.to_string() + " leased pass the cap of " +
                   cap.to_string());
    }
  }
  Query lost(db, "SELECT DISTINCT process FROM slices WHERE account NOT IN (SELECT id FROM accounts)");
  while (lost.next()) findings.add("a slice of process " + std::to_string(lost.integer(0)) + " belongs to no account");
  return count;
}

}  // namespace gateway::sqlite
