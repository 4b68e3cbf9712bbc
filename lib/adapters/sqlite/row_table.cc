#include "adapters/sqlite/row_table.h"

#include <sqlite3.h>

#include <functional>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "adapters/sqlite/row_columns.h"

namespace gateway::sqlite {
namespace {

// --- the columns, in the order of `entries`

struct Column {
  const char* name;
  void (*give)(sqlite3_context*, const RowTable&);
};

void give_bytes(sqlite3_context* out, std::span<const std::uint8_t> bytes) {
  sqlite3_result_blob(out, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
}
// What is given nothing is NULL.
void give_text(sqlite3_context* out, std::string_view text) {
  if (!text.empty()) sqlite3_result_text(out, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

// Of a row, a member or a function that gives an integer.
template <auto value>
void integer(sqlite3_context* out, const RowTable& at) {
  sqlite3_result_int64(out, static_cast<std::int64_t>(std::invoke(value, at.row())));
}

template <WallTime Row::*time>
void after_acceptance(sqlite3_context* out, const RowTable& at) {
  const Row& row = at.row();
  if (row.*time != WallTime{}) sqlite3_result_int64(out, micros_of(row.*time) - micros_of(row.accepted));
}

constexpr std::size_t kKeyColumns = 3;
constexpr Column kColumns[] = {
    {"request", [](sqlite3_context* out, const RowTable& at) { give_bytes(out, blob_of(at.row().request)); }},
    {"attempt", integer<&Row::attempt>},
    {"entry", integer<&Row::entry>},
    {"state", integer<&Row::state>},
    {"kind", [](sqlite3_context* out, const RowTable& at) { sqlite3_result_int64(out, at.kind()); }},
    {"input", integer<[](const Row& row) { return row.usage.input; }>},
    {"cached_input", integer<[](const Row& row) { return row.usage.cached_input; }>},
    {"cache_write", integer<[](const Row& row) { return row.usage.cache_write; }>},
    {"output", integer<[](const Row& row) { return row.usage.output; }>},
    {"reasoning", integer<[](const Row& row) { return row.usage.reasoning; }>},
    {"hold", integer<[](const Row& row) { return row.hold.units(); }>},
    {"cost", integer<[](const Row& row) { return row.cost.units(); }>},
    {"accepted", integer<[](const Row& row) { return micros_of(row.accepted); }>},
    {"dispatched_after", after_acceptance<&Row::dispatched>},
    {"first_byte_after", after_acceptance<&Row::first_byte>},
    {"ended_after", after_acceptance<&Row::ended>},
    {"client_request_id", [](sqlite3_context* out, const RowTable& at) { give_text(out, at.row().client_request_id); }},
    {"generation_id", [](sqlite3_context* out, const RowTable& at) { give_text(out, at.row().generation_id); }},
};

// The names from the given one on, each behind a prefix.
std::string names_of(std::size_t first, const char* prefix) {
  std::string out;
  for (const Column& column : std::span(kColumns).subspan(first)) {
    out.append(out.empty() ? "" : ", ").append(prefix).append(column.name);
  }
  return out;
}

// --- a table that is only read, once, from its first row to its last; see sqlite.org/vtab.html

struct Table : sqlite3_vtab {
  RowTable* rows = nullptr;
};

struct Cursor : sqlite3_vtab_cursor {
  std::size_t at = 0;
};

RowTable& rows_of(sqlite3_vtab_cursor* cursor) { return *static_cast<Table*>(cursor->pVtab)->rows; }

int go_to(sqlite3_vtab_cursor* cursor, std::size_t i) {
  static_cast<Cursor*>(cursor)->at = i;
  RowTable& rows = rows_of(cursor);
  return i >= rows.end() || rows.go_to(i) ? SQLITE_OK : SQLITE_ABORT;
}

int on_connect(sqlite3* db, void* rows, int, const char* const*, sqlite3_vtab** out, char**) {
  const std::string columns = "CREATE TABLE batch(" + names_of(0, "") + ")";
  if (const int code = sqlite3_declare_vtab(db, columns.c_str()); code != SQLITE_OK) return code;
  auto* table = new (std::nothrow) Table{};
  if (table == nullptr) return SQLITE_NOMEM;
  table->rows = static_cast<RowTable*>(rows);
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

int on_filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  return go_to(cursor, rows_of(cursor).first());
}

int on_next(sqlite3_vtab_cursor* cursor) { return go_to(cursor, static_cast<Cursor*>(cursor)->at + 1); }

int on_eof(sqlite3_vtab_cursor* cursor) { return static_cast<Cursor*>(cursor)->at >= rows_of(cursor).end() ? 1 : 0; }

int on_row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>(static_cast<Cursor*>(cursor)->at);
  return SQLITE_OK;
}

int on_column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
  kColumns[column].give(context, rows_of(cursor));
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

RowTable::RowTable(Database& db, Kinds& kinds) : db_(db), kinds_(kinds) {
  db.check(sqlite3_create_module_v2(db.handle(), "batch", &kModule, this, nullptr));
}

void RowTable::show(RowSequence rows, std::size_t first, std::size_t count, Reached reached) {
  rows_ = rows;
  first_ = first;
  end_ = first + count;
  reached_ = std::move(reached);
}

bool RowTable::go_to(std::size_t i) {
  row_ = &rows_[i];
  if (!within_limits(row_->usage)) row_ = &(cut_ = cut_to_limits(*row_));
  const Kind& kind = kinds_.of(*row_);
  if (!db_.ok()) return false;
  kind_ = kind.number;
  if (reached_) reached_(*row_, kind);
  return true;
}

const std::string& RowTable::upsert() {
  static const std::string sql =
      "INSERT INTO entries SELECT * FROM batch WHERE true ON CONFLICT(request, attempt, entry) DO UPDATE SET (" +
      names_of(kKeyColumns, "") + ") = (" + names_of(kKeyColumns, "excluded.") +
      ") WHERE entries.state = 0 AND excluded.state <> 0";
  return sql;
}

}  // namespace gateway::sqlite
