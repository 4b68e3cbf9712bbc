// Sums of closed rows per quarter of an hour and everything usage is asked by, kept in the rows' own transaction.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/row_columns.h"
#include "gateway/money.h"
#include "gateway/row.h"

namespace gateway::sqlite {

struct Totals {
  std::int64_t requests = 0;
  std::int64_t attempts = 0;
  Usage usage;
  MoneySum cost;

  void add(const Row& row);
  void add(const Totals& other);
  friend bool operator==(const Totals&, const Totals&) = default;
};

struct RollupKey {
  // bucket, project, key, asked model, served model, provider, endpoint, state, error code
  std::array<std::int64_t, 9> columns{};
  friend bool operator==(const RollupKey&, const RollupKey&) = default;
};
RollupKey rollup_key(const Row& row, const RowNames& numbers);

struct RollupKeyHash {
  std::size_t operator()(const RollupKey& key) const noexcept;
};

// What one batch adds: each line of the rollup is then touched once.
class RollupChanges {
 public:
  void add(const Row& row, const RowNames& numbers) { changes_[rollup_key(row, numbers)].add(row); }
  void write(Database& db) const;

 private:
  std::unordered_map<RollupKey, Totals, RollupKeyHash> changes_;
};

// The columns requests ... cost_pico of the rollup, beginning at `column`.
Totals read_totals(const Query& query, int column);

}  // namespace gateway::sqlite
