// Putting rows in.
#pragma once

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/kinds.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/row_table.h"
#include "gateway/store.h"

namespace gateway::sqlite {

// Of one connection; both outlive it.
class Appender {
 public:
  Appender(Database& db, Names& names) : db_(db), names_(names), kinds_(db, names), table_(db, kinds_) {}

  // Within a write transaction: see Store::append.
  void append(const Batch& batch);
  // After a roll-back.
  void forget();

 private:
  struct Sums;
  bool store_all(RowSequence rows, Sums& sums);
  void store_each(RowSequence rows, Sums& sums);

  Database& db_;
  Names& names_;
  Kinds kinds_;
  RowTable table_;
};

}  // namespace gateway::sqlite
