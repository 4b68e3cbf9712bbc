// Of an attempt's several records the last state counts: which one that is, found by ids alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gateway/row.h"

namespace gateway {

// What makes a row unique.
struct RowId {
  RequestId request;
  std::uint16_t attempt = 1;
  std::uint16_t entry = 0;
  friend bool operator==(const RowId&, const RowId&) = default;
};
inline RowId id_of(const Row& row) noexcept { return {row.request, row.attempt, row.entry}; }

// Keeps the memory it works with between batches.
class RecordFold {
 public:
  struct Record {
    RowId id;
    bool open = false;
    std::uint64_t at = 0;  // where its owner finds the rest of it
  };

  // Begins anew, with room for so many.
  void clear(std::size_t most);
  void add(const Record& record);
  // Each id once, in the order of their first records: the first that is not open counts.
  std::span<const Record> counting() const noexcept { return counting_; }

 private:
  std::vector<Record> counting_;
  std::vector<std::uint32_t> table_;  // open addressing, by id: 1 + the place in counting_, or 0
};

// The same of rows in memory.
std::vector<Row> fold_rows(std::span<const Row> rows);

}  // namespace gateway
