// Sums of closed rows per quarter of an hour and everything usage is queried by, kept in the rows' own transaction.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "adapters/sqlite/column_hash.h"
#include "adapters/sqlite/database.h"
#include "adapters/sqlite/kinds.h"
#include "adapters/sqlite/row_columns.h"
#include "gateway/money.h"
#include "gateway/row.h"

namespace gateway::sqlite {

struct Totals {
  std::int64_t requests = 0;
  std::int64_t attempts = 0;
  Usage usage;
  MoneySum cost, upstream_cost;

  void add(const Row& row);
  void add(const Totals& other);
  friend bool operator==(const Totals&, const Totals&) = default;
};

struct RollupKey {
  // bucket, project, key, requested model, served model, provider, operation, state, error code
  std::array<std::int64_t, 9> columns{};
  friend bool operator==(const RollupKey&, const RollupKey&) = default;
};
RollupKey rollup_key(const Row& row, const RowNames& numbers);

struct RollupKeyHash {
  std::size_t operator()(const RollupKey& key) const noexcept { return ColumnHash()(key.columns); }
};

// What one batch adds: each line of the rollup is then touched once.
class RollupChanges {
 public:
  void add(const Row& row, const Kind& kind);
  void write(Database& db) const;

 private:
  using Lines = std::unordered_map<RollupKey, Totals, RollupKeyHash>;
  Lines changes_;
  // Rows of one line often follow one another. A kind and these two are all that makes a line.
  Lines::value_type* last_ = nullptr;
  std::int64_t last_kind_ = 0, last_bucket_ = 0;
  RowState last_state_{};
};

// The columns requests ... searches of the rollup, beginning at `column`.
Totals read_totals(const Query& query, int column);

}  // namespace gateway::sqlite
