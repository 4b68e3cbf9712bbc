// Journal records into rows: of an attempt's several states the last one counts.
#pragma once

#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

#include "gateway/row.h"

namespace gateway {

// Collects rows so that each (request, attempt, entry) is there once. Keeps its memory between batches.
class RowFold {
 public:
  void clear();
  void add(const Row& row);
  std::span<const Row> rows() const noexcept { return rows_; }

 private:
  struct Id {
    RequestId request;
    std::uint16_t attempt, entry;
    friend bool operator==(const Id&, const Id&) = default;
  };
  struct IdHash {
    std::size_t operator()(const Id& id) const noexcept;
  };
  std::vector<Row> rows_;
  std::unordered_map<Id, std::size_t, IdHash> places_;
};

}  // namespace gateway
