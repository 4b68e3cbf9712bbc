// A table that is written as SQLite would have it in a file, and read as one: rows that a statement takes over from it
// are copied as they are, not column by column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/record.h"

namespace gateway::sqlite {

// A database of one connection, in memory, whose only table has the rows that were shown last. What
// `INSERT INTO t SELECT * FROM <name>.<table>` does with a table of the same columns is in SQLite's own comments called
// the xfer optimization; if it does not apply, the same happens more slowly.
class TableImage {
 public:
  // Attaches the database `name`; if that cannot be done, nothing can be published. `create` makes its table, with an
  // INTEGER PRIMARY KEY, and indexes, which stay empty. The connection outlives it.
  TableImage(Database& db, const std::string& name, const std::string& create);
  TableImage(const TableImage&) = delete;
  TableImage& operator=(const TableImage&) = delete;

  void clear();
  // In the record the id's own column is null.
  void add(std::int64_t id, const Record& record);
  // What statements find from now on, in the order of ids. False: an id came twice, or it is more than there is room
  // for; then nothing is to be read until something is shown. Not within a transaction that has read from the database:
  // that one goes on reading what it read.
  bool publish();

 private:
  struct Place {
    std::int64_t id;
    std::size_t begin, size;  // in records_
  };
  std::uint8_t* page(std::size_t number) const noexcept;  // from 1
  std::size_t write_leaf(std::size_t number, std::size_t first) const;
  bool write_leaves_and_root();

  std::vector<std::uint8_t> records_;
  std::vector<Place> places_;
  std::uint8_t* file_ = nullptr;  // SQLite's to free, when the connection ends
  std::size_t first_free_ = 0;    // the first page that the schema leaves
  std::uint32_t changes_ = 0;
};

}  // namespace gateway::sqlite
