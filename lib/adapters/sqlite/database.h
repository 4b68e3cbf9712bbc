// One connection to an SQLite file: statements prepared once and kept, and errors that stick.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "gateway/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gateway::sqlite {

enum class Access : std::uint8_t { read, write, create };

// After a failure every further query does nothing and returns no row, until take_error(): so a sequence of them needs
// one check, at its end. One thread at a time.
class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path, Access access, int busy_timeout_ms);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const char* sql);
  std::int64_t changes() const noexcept;  // rows the last statement inserted, updated or deleted
  std::int64_t last_row_id() const noexcept;
  bool in_transaction() const noexcept;
  bool read_only() const noexcept { return access_ == Access::read; }
  // The path no longer leads to the file that is open: it was removed or replaced.
  bool moved() const noexcept;
  // An error has come that may go away when the file is opened anew.
  bool stale() const noexcept { return stale_; }

  bool ok() const noexcept { return !failed_; }
  void fail(Error error);  // the first one counts
  void check(int code);    // of a call of SQLite's own
  // The error that sticks, if any; the connection can be used again.
  Result<void> take_error();
  sqlite3* handle() const noexcept { return handle_; }

 private:
  friend class Query;
  explicit Database(Access access) : access_(access) {}
  sqlite3_stmt* prepare(std::string_view sql, bool keep);
  sqlite3_stmt* kept(const char* sql);
  void fail_with(int code);

  std::string name_;  // the file's, for messages
  Access access_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<const void*, sqlite3_stmt*> kept_;
  bool failed_ = false;
  bool stale_ = false;
  Error error_;
};

// One execution of a statement; ends with its scope. Columns count from 0. All parameters are bound, in order, before
// the first next(); texts and blobs among them outlive the Query.
class Query {
 public:
  // A string literal: prepared at its first use, then kept. The same one must not be in use twice at a time.
  template <std::size_t N, class... Args>
  Query(Database& db, const char (&sql)[N], const Args&... args) : db_(db), statement_(db.kept(sql)), kept_(true) {
    (bind(args), ...);
  }
  // Text made for the occasion.
  Query(Database& db, const std::string& sql) : db_(db), statement_(db.prepare(sql, false)), kept_(false) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  template <class T>
  requires std::is_integral_v<T>
  void bind(T value) { bind_integer(static_cast<std::int64_t>(value)); }
  void bind(std::string_view text);
  void bind(std::span<const std::uint8_t> blob);
  void bind_null();

  // To be bound and run anew.
  void restart();
  // True: there is a row. False: there is none, or no more, or something failed.
  bool next();
  void run() { next(); }
  // False: a rowid was taken; the statement has changed nothing, and the transaction goes on.
  bool run_or_conflict();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;  // valid until the next call of next()
  std::span<const std::uint8_t> blob(int column) const;

 private:
  void bind_integer(std::int64_t value);

  Database& db_;
  sqlite3_stmt* statement_;
  bool kept_;
  int bound_ = 0;
};

// Rolls back unless committed.
class Transaction {
 public:
  // write: of a ledger that has its tables. schema: of one that may not, on a connection without attached files.
  enum class Kind : std::uint8_t { read, write, schema };
  Transaction(Database& db, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Returns the first error since the beginning, and then nothing of it all has happened.
  Result<void> commit();

 private:
  Database& db_;
  bool done_ = false;
};

}  // namespace gateway::sqlite
