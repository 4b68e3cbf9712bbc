// The dictionary of what many rows have in common, from endpoint to price version: a number for each combination.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "adapters/sqlite/column_hash.h"
#include "adapters/sqlite/database.h"
#include "adapters/sqlite/row_columns.h"
#include "gateway/row.h"

namespace gateway::sqlite {

// A bounded memory of the table `kinds` on one connection. Numbers never change and are never given up.
class Kinds {
 public:
  explicit Kinds(Database& db) : db_(db) {}

  // The number of a row's kind, made where there is none: within a write transaction.
  std::int64_t number(const Row& row, const RowNames& texts);

  // After a roll-back: what it took away must not be remembered.
  void forget();

 private:
  using Columns = std::array<std::int64_t, 15>;  // of the table, in its order
  static Columns columns_of(const Row& row, const RowNames& texts);
  std::int64_t find_or_make(const Columns& columns);

  Database& db_;
  std::unordered_map<Columns, std::int64_t, ColumnHash> numbers_;
  Columns last_{};  // rows of one kind often follow one another
  std::int64_t last_number_ = 0;
};

}  // namespace gateway::sqlite
