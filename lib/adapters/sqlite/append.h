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
  Appender(Database& db, Names& names) : db_(db), names_(names), kinds_(db), table_(db) {}

  // Within a write transaction: see Store::append.
  void append(const Batch& batch);
  // After a roll-back.
  void forget() { kinds_.forget(); }

 private:
  Database& db_;
  Names& names_;
  Kinds kinds_;
  RowTable table_;
};

}  // namespace gateway::sqlite
