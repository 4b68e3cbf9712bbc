#include "adapters/sqlite/rollup.h"

#include "adapters/sqlite/money_columns.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

void add_usage(Usage& sum, const Usage& other) {
  sum.input += other.input;
  sum.cached_input += other.cached_input;
  sum.cache_write += other.cache_write;
  sum.output += other.output;
  sum.reasoning += other.reasoning;
}

}  // namespace

void Totals::add(const Row& row) {
  if (row.entry == 0) {
    attempts += 1;
    if (row.attempt == 1) requests += 1;
  }
  add_usage(usage, row.usage);
  cost += row.cost;
  upstream_cost += row.upstream_cost;
}

void Totals::add(const Totals& other) {
  requests += other.requests;
  attempts += other.attempts;
  add_usage(usage, other.usage);
  cost += other.cost;
  upstream_cost += other.upstream_cost;
}

RollupKey rollup_key(const Row& row, const RowNames& numbers) {
  return {{bucket_of(row.accepted), numbers.project, numbers.key, numbers.asked_model, numbers.served_model,
           numbers.provider, static_cast<std::int64_t>(row.operation), static_cast<std::int64_t>(row.state),
           numbers.error_code}};
}

void RollupChanges::add(const Row& row, const Kind& kind) {
  const std::int64_t bucket = bucket_of(row.accepted);
  if (last_ == nullptr || kind.number != last_kind_ || bucket != last_bucket_ || row.state != last_state_) {
    last_ = &*changes_.try_emplace(rollup_key(row, kind.texts)).first;
    last_kind_ = kind.number;
    last_bucket_ = bucket;
    last_state_ = row.state;
  }
  last_->second.add(row);
}

void RollupChanges::write(Database& db) const {
  for (const auto& [key, totals] : changes_) {
    Query query(db, R"sql(
      INSERT INTO rollup VALUES(?,?,?,?,?,?,?,?,?, ?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET
        requests = requests + excluded.requests, attempts = attempts + excluded.attempts,
        input = input + excluded.input, cached_input = cached_input + excluded.cached_input,
        cache_write = cache_write + excluded.cache_write, output = output + excluded.output,
        reasoning = reasoning + excluded.reasoning,
        cost_dollars = cost_dollars + excluded.cost_dollars + (cost_pico + excluded.cost_pico) / 1000000000000,
        cost_pico = (cost_pico + excluded.cost_pico) % 1000000000000,
        upstream_dollars = upstream_dollars + excluded.upstream_dollars
          + (upstream_pico + excluded.upstream_pico) / 1000000000000,
        upstream_pico = (upstream_pico + excluded.upstream_pico) % 1000000000000)sql");
    for (const std::int64_t column : key.columns) query.bind(column);
    query.bind(totals.requests);
    query.bind(totals.attempts);
    query.bind(totals.usage.input);
    query.bind(totals.usage.cached_input);
    query.bind(totals.usage.cache_write);
    query.bind(totals.usage.output);
    query.bind(totals.usage.reasoning);
    bind_money(query, totals.cost);
    bind_money(query, totals.upstream_cost);
    query.run();
  }
}

Totals read_totals(const Query& q, int c) {
  Totals totals;
  totals.requests = q.integer(c);
  totals.attempts = q.integer(c + 1);
  totals.usage = {q.integer(c + 2), q.integer(c + 3), q.integer(c + 4), q.integer(c + 5), q.integer(c + 6)};
  totals.cost = read_money(q, c + 7);
  totals.upstream_cost = read_money(q, c + 9);
  return totals;
}

}  // namespace gateway::sqlite
