// Rows in memory as a table that a statement can select from: the columns of `entries`, in its order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/kinds.h"
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
    RowNames texts;
    std::int64_t kind = 0;
  };

  // Outlives every statement run on the connection.
  explicit RowTable(Database& db);
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  // Takes these rows in place of those before, numbering what they share; they stay where they are while they are
  // shown. Counts that are beyond what the table stores are cut.
  void fill(Names& names, Kinds& kinds, std::span<const Row> rows);
  std::span<const Item> items() const noexcept { return items_; }

  // What a SELECT gives from now on.
  void show(std::size_t first, std::size_t count) noexcept { shown_ = std::span(items_).subspan(first, count); }
  std::span<const Item> shown() const noexcept { return shown_; }

  // Puts what is shown into `entries`; a row that is there already gives way if it is open and the new one is not.
  static const std::string& upsert();

 private:
  std::vector<Item> items_;
  std::deque<Row> cut_;
  std::span<const Item> shown_;
};

}  // namespace gateway::sqlite
