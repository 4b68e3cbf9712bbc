// Putting rows in.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/kinds.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/table_image.h"
#include "gateway/ledger.h"

namespace gateway::sqlite {

// Of one connection; both outlive it.
class Appender {
 public:
  // Page images are used if requested and if the SQLite that is loaded reads them as they are meant.
  Appender(Database& db, Names& names, bool page_images);

  bool uses_page_images() const noexcept { return batch_.has_value(); }

  // Within a write transaction: see Ledger::append.
  void append(const Batch& batch);
  // After a roll-back.
  void forget();
  // First of all in a transaction: see Names::refresh().
  void refresh() {
    if (names_.refresh()) kinds_.forget();
  }

 private:
  struct Sums;
  bool reads_images();
  bool insert_as_pages(RowSequence rows, Sums& sums);
  bool copy_batch();
  void insert_one_by_one(RowSequence rows, Sums& sums);
  bool put_closed(const Row& row, const Kind& kind);
  bool put(const Row& row, const Kind& kind);
  const Row& clamped(const Row& row);

  Database& db_;
  Names& names_;
  Kinds kinds_;
  std::optional<TableImage> batch_;  // none: the connection only reads, or writes without it
  Record record_;
  Row clamped_;
  std::unordered_set<std::int64_t> open_;  // row ids of most rows that were inserted as open ones
  std::vector<std::int64_t> closing_;      // those of them that the batch closes
};

}  // namespace gateway::sqlite
