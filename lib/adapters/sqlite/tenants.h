// Projects and API keys.
#pragma once

#include <cstdint>
#include <string_view>

#include "adapters/sqlite/database.h"
#include "gateway/tenants.h"

namespace gateway::sqlite {

std::uint64_t tenants_version(Database& db);
TenantChange read_tenants(Database& db);  // within a transaction

// Within a write transaction; each moves the version.
Result<void> put_project(Database& db, const ProjectConfig& project, const ProjectConfig* replaced);
Result<void> delete_project(Database& db, std::string_view name, WallTime now);
Result<void> put_key(Database& db, const ApiKey& key, bool project_is_stored);
Result<ApiKey> end_key(Database& db, std::string_view id, WallTime when, WallTime now);
Result<ApiKey> rotate_key(Database& db, std::string_view id, const ApiKey& successor, WallTime when, WallTime now);

}  // namespace gateway::sqlite
