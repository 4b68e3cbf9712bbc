// The seam to projects and API keys that are managed by commands.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/result.h"
#include "gateway/tenancy.h"
#include "gateway/time.h"

namespace gateway {

struct TenantChange {
  std::vector<ProjectConfig> projects;  ///< those stored in the database
  std::vector<ApiKey> keys;             ///< all, revoked ones too
};

/// Projects and keys. Calls are as those of Ledger. Each change is one conditional operation: of several at the same
/// instant, from whichever process, none undoes what another has done. What is refused has changed nothing.
class Tenants {
 public:
  virtual ~Tenants() = default;

  /// A number that changes whenever a project or a key does, by whichever process.
  virtual Result<std::uint64_t> tenants_version() = 0;
  virtual Result<TenantChange> tenants() = 0;

  /// Replaces what is stored if it still equals `*replaced`; inserts a new one for null. Errors: conflict (another has
  /// changed it since it was read), not_found (another has deleted it), exists (there is one of that name), refused
  /// (the configuration file is its authority).
  virtual Result<void> put_project(const ProjectConfig& project, const ProjectConfig* replaced) = 0;
  virtual Result<void> delete_project(std::string_view name) = 0;  ///< its keys are revoked; its rows stay
  /// Inserts a key. Errors: exists (its id or its text is taken); with `project_is_stored`, not_found (its project is
  /// not stored, or no longer).
  virtual Result<void> put_key(const ApiKey& key, bool project_is_stored = false) = 0;
  /// Ends a key at `when`: one that has come by `now` revokes it, a later one is when it expires. A key's life is never
  /// lengthened: of two ends the earlier one wins. Returns the key as it is then. Errors: not_found.
  virtual Result<ApiKey> end_key(std::string_view id, WallTime when, WallTime now) = 0;
  /// Inserts `successor` and ends the key `id` as end_key() does, both or neither. Returns the old key as it is then.
  /// Errors: not_found; refused (the key has ended by `now`); exists.
  virtual Result<ApiKey> rotate_key(std::string_view id, const ApiKey& successor, WallTime when, WallTime now) = 0;
};

}  // namespace gateway
