#include "adapters/sqlite/row_table.h"

#include <sqlite3.h>

#include <new>
#include <string>

namespace gateway::sqlite {
namespace {

// A table that is only read, from its first row to its last; see sqlite.org/vtab.html.
struct Table : sqlite3_vtab {
  const RowTable* rows = nullptr;
};

struct Cursor : sqlite3_vtab_cursor {
  std::span<const RowTable::Item> left;
  std::int64_t row_id = 0;
};

int on_connect(sqlite3* db, void* rows, int, const char* const*, sqlite3_vtab** out, char**) {
  const std::string columns = "CREATE TABLE batch(" + ledger_columns() + ")";
  if (const int code = sqlite3_declare_vtab(db, columns.c_str()); code != SQLITE_OK) return code;
  auto* table = new (std::nothrow) Table{};
  if (table == nullptr) return SQLITE_NOMEM;
  table->rows = static_cast<const RowTable*>(rows);
  *out = table;
  return SQLITE_OK;
}

int on_disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

int on_best_index(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }

int on_open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  auto* cursor = new (std::nothrow) Cursor{};
  if (cursor == nullptr) return SQLITE_NOMEM;
  *out = cursor;
  return SQLITE_OK;
}

int on_close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int on_filter(sqlite3_vtab_cursor* base, int, const char*, int, sqlite3_value**) {
  auto& cursor = *static_cast<Cursor*>(base);
  cursor.left = static_cast<Table*>(base->pVtab)->rows->shown();
  cursor.row_id = 0;
  return SQLITE_OK;
}

int on_next(sqlite3_vtab_cursor* base) {
  auto& cursor = *static_cast<Cursor*>(base);
  cursor.left = cursor.left.subspan(1);
  ++cursor.row_id;
  return SQLITE_OK;
}

int on_eof(sqlite3_vtab_cursor* base) { return static_cast<Cursor*>(base)->left.empty() ? 1 : 0; }

int on_row_id(sqlite3_vtab_cursor* base, sqlite3_int64* out) {
  *out = static_cast<Cursor*>(base)->row_id;
  return SQLITE_OK;
}

int on_column(sqlite3_vtab_cursor* base, sqlite3_context* context, int column) {
  const RowTable::Item& item = static_cast<Cursor*>(base)->left.front();
  give_column(context, *item.row, item.numbers, column);
  return SQLITE_OK;
}

// Without xCreate: it is there by its name alone, and in no schema.
constexpr sqlite3_module kModule = [] {
  sqlite3_module module{};
  module.xConnect = on_connect;
  module.xBestIndex = on_best_index;
  module.xDisconnect = on_disconnect;
  module.xOpen = on_open;
  module.xClose = on_close;
  module.xFilter = on_filter;
  module.xNext = on_next;
  module.xEof = on_eof;
  module.xColumn = on_column;
  module.xRowid = on_row_id;
  return module;
}();

}  // namespace

RowTable::RowTable(Database& db) { db.check(sqlite3_create_module_v2(db.handle(), "batch", &kModule, this, nullptr)); }

void RowTable::fill(Names& names, std::span<const Row> rows) {
  items_.clear();
  cut_.clear();
  items_.reserve(rows.size());
  const Row* before = nullptr;
  for (const Row& row : rows) {
    const RowNames known = before != nullptr ? items_.back().numbers : RowNames{};
    const RowNames numbers = number_names(names, row, before, known);
    before = &row;
    items_.push_back({within_limits(row.usage) ? &row : &cut_.emplace_back(cut_to_limits(row)), numbers});
  }
  show(0, items_.size());
}

}  // namespace gateway::sqlite
