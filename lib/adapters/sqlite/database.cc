#include "adapters/sqlite/database.h"

#include <sqlite3.h>

#include <cstring>

#include "adapters/sqlite/database_file.h"
#include "gateway/sqlite_store.h"

namespace gateway::sqlite {
namespace {

ErrorCode code_of(int extended) {
  switch (extended & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // a statement of ours does not fit the tables there are
    case SQLITE_FORMAT:
      return ErrorCode::corrupt;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
    case SQLITE_MISUSE:
      return ErrorCode::invalid;
    default:
      return ErrorCode::unavailable;
  }
}

const char* text_of(int extended, sqlite3* handle) {
  switch (extended & 0xff) {
    case SQLITE_NOTADB:
      return "is not a database";
    case SQLITE_CORRUPT:
      return "is damaged";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "is locked by another process";
    case SQLITE_FULL:
      return "cannot grow: the disk is full";
    case SQLITE_READONLY:
      return "cannot be written: it is read-only";
    case SQLITE_CANTOPEN:
      return "cannot be opened";
    case SQLITE_IOERR:
      return "cannot be read or written: the disk gave an error";
    default:
      return handle ? sqlite3_errmsg(handle) : sqlite3_errstr(extended);
  }
}

Error error_of(int extended, const std::string& name, sqlite3* handle) {
  Error error{code_of(extended), "database " + name + " " + text_of(extended, handle)};
  const int primary = extended & 0xff;
  if (primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR) {
    if (const int number = handle ? sqlite3_system_errno(handle) : 0; number != 0) {
      error.detail += std::string(" (") + std::strerror(number) + ")";
    }
  }
  return error;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Access access, int busy_timeout_ms) {
  std::unique_ptr<Database> db(new Database(access));
  db->name_ = path;
  if (access == Access::create) {
    if (auto made = create_file(path); !made) return std::move(made).error();
  }
  const int flags = access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int code = sqlite3_open_v2(path.c_str(), &db->handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) return error_of(code, path, db->handle_);
  if (access != Access::read && sqlite3_db_readonly(db->handle_, "main") == 1) {
    return error_of(SQLITE_READONLY, path, nullptr);
  }
  sqlite3_extended_result_codes(db->handle_, 1);
  sqlite3_busy_timeout(db->handle_, busy_timeout_ms);
  return db;
}

Database::~Database() {
  for (const auto& [key, statement] : kept_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

void Database::run(const char* sql) {
  if (failed_) return;
  if (const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) fail_with(code);
}

std::int64_t Database::changes() const noexcept { return sqlite3_changes64(handle_); }
std::int64_t Database::last_row_id() const noexcept { return sqlite3_last_insert_rowid(handle_); }
bool Database::in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

bool Database::moved() const noexcept {
  int moved = 0;
  return sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

void Database::fail(Error error) {
  if (!failed_) failed_ = true, error_ = std::move(error);
}

void Database::check(int code) {
  if (code != SQLITE_OK) fail_with(code);
}

void Database::fail_with(int code) {
  if ((code & 0xff) == SQLITE_NOMEM) detail::die("out of memory");
  const int primary = code & 0xff;
  stale_ |= primary == SQLITE_READONLY || primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR ||
            code_of(code) == ErrorCode::corrupt;
  if (!failed_) fail(error_of(code, name_, handle_));
}

Result<void> Database::take_error() {
  if (!failed_) return {};
  failed_ = false;
  return std::move(error_);
}

sqlite3_stmt* Database::prepare(std::string_view sql, bool keep) {
  if (failed_) return nullptr;
  sqlite3_stmt* statement = nullptr;
  const unsigned flags = keep ? SQLITE_PREPARE_PERSISTENT : 0U;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), flags, &statement, nullptr);
  if (code != SQLITE_OK) fail_with(code);
  return statement;
}

sqlite3_stmt* Database::kept(const char* sql) {
  const auto found = kept_.find(sql);
  if (found != kept_.end()) return found->second;
  sqlite3_stmt* statement = prepare(sql, true);
  if (statement != nullptr) kept_.emplace(sql, statement);
  return statement;
}

Query::~Query() {
  if (statement_ == nullptr) return;
  if (!kept_) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
}

void Query::restart() {
  bound_ = 0;
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

void Query::bind_integer(std::int64_t value) {
  if (statement_ == nullptr) return;
  if (const int code = sqlite3_bind_int64(statement_, ++bound_, value); code != SQLITE_OK) db_.fail_with(code);
}

void Query::bind(std::string_view text) {
  if (statement_ == nullptr) return;
  const char* data = text.data() != nullptr ? text.data() : "";
  const int code = sqlite3_bind_text(statement_, ++bound_, data, static_cast<int>(text.size()), SQLITE_STATIC);
  if (code != SQLITE_OK) db_.fail_with(code);
}

void Query::bind(std::span<const std::uint8_t> blob) {
  if (statement_ == nullptr) return;
  const void* data = blob.data() != nullptr ? static_cast<const void*>(blob.data()) : "";  // null would bind NULL
  const int code = sqlite3_bind_blob(statement_, ++bound_, data, static_cast<int>(blob.size()), SQLITE_STATIC);
  if (code != SQLITE_OK) db_.fail_with(code);
}

void Query::bind_null() {
  if (statement_ != nullptr) sqlite3_bind_null(statement_, ++bound_);
}

bool Query::next() {
  if (statement_ == nullptr || !db_.ok()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) db_.fail_with(code);
  return false;
}

bool Query::run_or_conflict() {
  if (statement_ == nullptr || !db_.ok()) return true;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID) return false;
  if (code != SQLITE_DONE && code != SQLITE_ROW) db_.fail_with(code);
  return true;
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data ? std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
              : std::string_view{};
}

std::span<const std::uint8_t> Query::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, data ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 0};
}

Transaction::Transaction(Database& db, Kind kind) : db_(db) {
  if (kind == Kind::schema) {
    Query(db, "BEGIN IMMEDIATE").run();
  } else {
    Query(db, "BEGIN").run();
  }
  // The lock is taken by the first statement that writes. BEGIN IMMEDIATE would take one on attached files also, and
  // with it begin to read them.
  if (kind == Kind::write) Query(db, "UPDATE main.meta SET value = value WHERE name = ''").run();
}

Transaction::~Transaction() {
  // Directly: the roll-back must happen although an error sticks. SQLite may have rolled back by itself already.
  if (!done_ && db_.in_transaction()) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() {
  Query(db_, "COMMIT").run();
  done_ = db_.ok();
  if (!done_ && db_.in_transaction()) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  return db_.take_error();
}

}  // namespace gateway::sqlite

namespace gateway {

const char* sqlite_library_version() noexcept { return sqlite3_libversion(); }

}  // namespace gateway
