// Journal records into rows: of an attempt's several states the last one counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/row.h"

namespace gateway {

// Keeps the memory it works with between batches.
class RowFold {
 public:
  // Leaves each (request, attempt, entry) once, in the order of their first records: the first that is not open counts.
  void fold(std::vector<Row>& rows);

 private:
  std::size_t place_of(const std::vector<Row>& rows, std::size_t index);

  std::vector<std::uint32_t> sources_;  // of each row that stays: the record it is taken from
  std::vector<std::uint32_t> table_;    // open addressing, by id: 1 + the place in sources_, or 0
};

}  // namespace gateway
