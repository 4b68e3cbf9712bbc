// The dictionary of what many rows have in common, from operation to price version: a number for each combination.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "adapters/sqlite/column_hash.h"
#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/row_columns.h"
#include "gateway/row.h"

namespace gateway::sqlite {

struct Kind {
  RowNames texts;
  std::int64_t number = 0;
};

// A bounded memory of the table `kinds` on one connection. Numbers are as those of Names.
class Kinds {
 public:
  // Both outlive it.
  Kinds(Database& db, Names& names) : db_(db), names_(names) {}

  // A row's kind, inserted if there is none: within a write transaction. Valid until the next call.
  const Kind& of(const Row& row);

  // After a roll-back: what it took away must not be remembered.
  void forget();

 private:
  using Columns = std::array<std::int64_t, 16>;  // of the table, in its order
  static Columns columns_of(const Row& row, const RowNames& texts);
  std::int64_t number(const Columns& columns);

  Database& db_;
  Names& names_;
  std::unordered_map<Columns, std::int64_t, ColumnHash> numbers_;
  // The last row that was open and the last that was not: the next one of its sort is often of its kind, and mostly
  // shares some texts with it.
  struct Last {
    Row row;
    Kind kind;
  };
  std::array<Last, 2> last_;
};

}  // namespace gateway::sqlite
