#include "adapters/sqlite/rollup.h"

#include <algorithm>
#include <cstddef>

#include "adapters/sqlite/money_columns.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
void Totals::add(const Row& row) {
  if (row.entry == 0) {
    attempts += 1;
    if (row.attempt == 1) requests += 1;
  }
  usage += row.usage;
  cost += row.cost;
  upstream_cost += row.upstream_cost;
}

void Totals::add(const Totals& other) {
  requests += other.requests;
  attempts += other.attempts;
  usage += other.usage;
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

namespace {

// Literals as one, which a kept statement wants.
template <std::size_t N>
struct Literal {
  char text[N];
};
template <std::size_t... N>
constexpr auto joined(const char (&... parts)[N]) {
  Literal<(N + ...) - sizeof...(N) + 1> out{};
  char* at = out.text;
  ((at = std::copy_n(parts, N - 1, at)), ...);
  return out;
}

// What adds a line to the one with its key.
constexpr char kAdding[] = R"sql() ON CONFLICT DO UPDATE SET
  requests = requests + excluded.requests, attempts = attempts + excluded.attempts,
  input = input + excluded.input, cached_input = cached_input + excluded.cached_input,
  cache_write = cache_write + excluded.cache_write, output = output + excluded.output,
  reasoning = reasoning + excluded.reasoning,
  cost_dollars = cost_dollars + excluded.cost_dollars + (cost_pico + excluded.cost_pico) / 1000000000000,
  cost_pico = (cost_pico + excluded.cost_pico) % 1000000000000,
  upstream_dollars = upstream_dollars + excluded.upstream_dollars
    + (upstream_pico + excluded.upstream_pico) / 1000000000000,
  upstream_pico = (upstream_pico + excluded.upstream_pico) % 1000000000000,
  images = images + excluded.images, audio_ms = audio_ms + excluded.audio_ms,
  characters = characters + excluded.characters, searches = searches + excluded.searches)sql";
constexpr auto kAddLine =
    joined("INSERT INTO rollup VALUES(?,?,?,?,?,?,?,?,?, ?,?,?,?,?,?,?,?,?,?,?, ?,?,?,?", kAdding);
constexpr auto kAddDay = joined("INSERT INTO rollup_days VALUES(?,?,?,?,?,?,?,?,?, ?,?,?,?,?,?,?,?,?,?,?, ?,?,?,?,?",
                                kAdding, ", last = max(last, excluded.last)");

void bind(Query& query, const RollupKey& key, const Totals& totals) {
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
  query.bind(totals.usage.images);
  query.bind(totals.usage.audio_ms);
  query.bind(totals.usage.characters);
  query.bind(totals.usage.searches);
}

}  // namespace

void RollupChanges::write(Database& db) const {
  struct Day {
    Totals totals;
    std::int64_t last = 0;  // the bucket of the last attempt
  };
  std::unordered_map<RollupKey, Day, RollupKeyHash> days;
  for (const auto& [key, totals] : changes_) {
    Query query(db, kAddLine.text);
    bind(query, key, totals);
    query.run();
    RollupKey day_key = key;
    day_key.columns[0] = first_of_day(key.columns[0]);
    Day& day = days[day_key];
    day.totals.add(totals);
    if (totals.attempts > 0) day.last = std::max(day.last, key.columns[0]);
  }
  for (const auto& [key, day] : days) {
    Query query(db, kAddDay.text);
    bind(query, key, day.totals);
    query.bind(day.last);
    query.run();
  }
}

Totals read_totals(const Query& q, int c) {
  Totals totals;
  totals.requests = q.integer(c);
  totals.attempts = q.integer(c + 1);
  totals.usage = {.input = q.integer(c + 2),
                  .cached_input = q.integer(c + 3),
                  .cache_write = q.integer(c + 4),
                  .output = q.integer(c + 5),
                  .reasoning = q.integer(c + 6),
                  .images = q.integer(c + 11),
                  .audio_ms = q.integer(c + 12),
                  .characters = q.integer(c + 13),
                  .searches = q.integer(c + 14)};
  totals.cost = read_money(q, c + 7);
  totals.upstream_cost = read_money(q, c + 9);
  return totals;
}

}  // namespace gateway::sqlite
