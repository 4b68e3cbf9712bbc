// A database file that was deleted while it was open: as long as it is open, it can be restored.
#pragma once

#include <string>

#include "adapters/sqlite/database.h"

namespace gateway::sqlite {

// Writes what `db` still has open to `path`, where there is no file now. Of several processes that notice, one does it.
// Errors: unavailable; if another file has appeared at the path meanwhile, the copy stays beside it and the error names
// it.
Result<void> restore(Database& db, const std::string& path);

}  // namespace gateway::sqlite
