// Store over one SQLite file in WAL mode. Several processes may have it open.
#pragma once

#include <memory>
#include <string>

#include "gateway/log.h"
#include "gateway/store.h"

namespace gateway {

struct SqliteStoreOptions {
  std::string path;
  bool create = true;  ///< create the file if there is none
  bool read_only = false;
  int busy_timeout_ms = 2000;  ///< how long one call waits for another process's transaction
  /// Closed rows are handed to SQLite as pages of its own, which saves time; false: each by a prepared statement. So it
  /// is also where the SQLite that is loaded fails the test of such pages when the file is opened.
  bool page_images = true;
  LogCallback log{};  ///< is warned when a file that was removed while it was open has been restored
};

/// Of the SQLite that is loaded: "3.40.1".
const char* sqlite_library_version() noexcept;

/// The absolute path without symbolic links that a path leads to, also if there is no file yet; of a file that is
/// mounted by itself, the path that it was mounted from. One database has one such path, however it was typed. What is
/// kept beside a database, as its journals, is found by this one.
std::string resolve_sqlite_path(const std::string& path);

/// Resolves the path first. A file that it makes is readable by its owner alone.
/// Errors: newer_schema; corrupt (not a database, or damaged); unavailable (locked, full disk, read-only, missing).
/// A half-written file is recovered by SQLite when it is opened.
Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteStoreOptions& options);

}  // namespace gateway
