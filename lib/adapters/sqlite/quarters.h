// Where the rows of each quarter of an hour lie, and how long and how dear they are at most: what a search may skip.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "adapters/sqlite/database.h"
#include "gateway/row.h"

namespace gateway::sqlite {

// What one batch adds: each line of the table is then touched once.
class QuarterChanges {
 public:
  void add(const Row& row);
  void write(Database& db) const;

 private:
  struct Quarter {
    std::int64_t first = 0, last = 0, longest = 0, dearest = 0;
  };
  std::unordered_map<std::int64_t, Quarter> quarters_;
  std::pair<const std::int64_t, Quarter>* last_ = nullptr;  // of them: rows of one quarter follow one another
};

}  // namespace gateway::sqlite
