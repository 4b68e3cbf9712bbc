// Store over one SQLite file in WAL mode. Several processes may have it open.
#pragma once

#include <memory>
#include <string>

#include "gateway/store.h"

namespace gateway {

struct SqliteStoreOptions {
  std::string path;
  bool create = true;  // make the file where there is none
  bool read_only = false;
  int busy_timeout_ms = 2000;  // how long one call waits for another process's transaction
};

// Errors: newer_schema; corrupt (not a database, or damaged); unavailable (locked, full disk, read-only, missing).
// A half-written file is recovered by SQLite when it is opened.
Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteStoreOptions& options);

}  // namespace gateway
