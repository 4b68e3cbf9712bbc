// Rows in memory as a table that a statement can select from: the columns of `ledger`, in its order.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/row_columns.h"
#include "gateway/row.h"

namespace gateway::sqlite {

// The virtual table `batch` of one connection. One statement over it costs a third less than binding each row's columns
// to a statement of its own.
class RowTable {
 public:
  struct Item {
    const Row* row = nullptr;
    RowNames numbers;
  };

  // Outlives every statement run on the connection.
  explicit RowTable(Database& db);
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  // Takes these rows in place of those before, numbering their texts; they stay where they are while they are shown.
  // Counts that are beyond what the table stores are cut.
  void fill(Names& names, std::span<const Row> rows);
  std::span<const Item> items() const noexcept { return items_; }

  // What a SELECT gives from now on.
  void show(std::size_t first, std::size_t count) noexcept { shown_ = std::span(items_).subspan(first, count); }
  std::span<const Item> shown() const noexcept { return shown_; }

 private:
  std::vector<Item> items_;
  std::deque<Row> cut_;
  std::span<const Item> shown_;
};

}  // namespace gateway::sqlite
