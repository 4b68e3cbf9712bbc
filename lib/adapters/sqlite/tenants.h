// Projects and API keys.
#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/sqlite/database.h"
#include "gateway/store.h"

namespace gateway::sqlite {

std::uint64_t tenants_version(Database& db);
TenantChange read_tenants(Database& db);  // within a transaction

// Within a write transaction; each moves the version.
Result<void> put_project(Database& db, const ProjectConfig& project, bool must_be_new);
Result<void> delete_project(Database& db, std::string_view name, WallTime now);
Result<void> put_key(Database& db, const ApiKey& key);

}  // namespace gateway::sqlite
