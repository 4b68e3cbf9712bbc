// A batch of rows as a table that a statement can select from: the columns of `entries`, in its order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/kinds.h"
#include "gateway/row.h"
#include "gateway/row_sequence.h"

namespace gateway::sqlite {

// The virtual table `batch` of one connection. One statement over it costs a third less than binding each row's columns
// to a statement of its own, and no more than one row is looked at at a time.
class RowTable {
 public:
  using Reached = std::function<void(const Row&, const Kind&)>;

  // All outlive every statement run on the connection.
  RowTable(Database& db, Kinds& kinds);
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  // What a SELECT gives from now on: `count` of the rows from `first` on. Each is told as the statement comes to it,
  // once its kind has been numbered. Counts that are beyond what the table stores are cut.
  void show(RowSequence rows, std::size_t first, std::size_t count, Reached reached = {});

  // Puts what is shown into `entries`; a row that is there already gives way if it is open and the new one is not.
  static const std::string& upsert();

  // --- for the table's cursor
  std::size_t first() const noexcept { return first_; }
  std::size_t end() const noexcept { return end_; }
  bool go_to(std::size_t i);  // false: its kind could not be numbered; the database has the error
  const Row& row() const noexcept { return *row_; }
  std::int64_t kind() const noexcept { return kind_; }

 private:
  Database& db_;
  Kinds& kinds_;
  RowSequence rows_;
  std::size_t first_ = 0, end_ = 0;
  Reached reached_;
  const Row* row_ = nullptr;  // where the cursor is
  std::int64_t kind_ = 0;
  Row cut_;
};

}  // namespace gateway::sqlite
