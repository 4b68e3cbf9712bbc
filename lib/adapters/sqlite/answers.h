// Who made the answers that clients may name later: a table of its own, so that `entries` needs no index.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/row_columns.h"
#include "gateway/row.h"

namespace gateway::sqlite {

// What new rows add to it.
class AnswerOwners {
 public:
  void add(const Row& row, const RowNames& texts);
  // Within a write transaction.
  void write(Database& db) const;

 private:
  struct Owned {
    FixedText<96> id;
    std::int64_t project, provider;
  };
  std::vector<Owned> owned_;
};

// See Ledger::provider_of_answer.
std::optional<std::string> provider_of_answer(Database& db, Names& names, std::string_view project,
                                              std::string_view id);

}  // namespace gateway::sqlite
