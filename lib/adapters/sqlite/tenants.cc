#include "adapters/sqlite/tenants.h"

#include <algorithm>

#include "adapters/sqlite/row_columns.h"
#include "base/key_life.h"

namespace gateway::sqlite {
namespace {

void bind_optional(Query& query, const std::optional<std::int64_t>& value) {
  if (value) {
    query.bind(*value);
  } else {
    query.bind_null();
  }
}
void bind_optional(Query& query, const std::optional<WallTime>& value) {
  if (value) {
    query.bind(micros_of(*value));
  } else {
    query.bind_null();
  }
}
std::optional<std::int64_t> optional_integer(const Query& query, int column) {
  if (query.is_null(column)) return std::nullopt;
  return query.integer(column);
}
std::optional<WallTime> optional_time(const Query& query, int column) {
  if (query.is_null(column)) return std::nullopt;
  return time_of(query.integer(column));
}

void move_version(Database& db) { db.run("UPDATE meta SET value = value + 1 WHERE name = 'tenants_version'"); }

void read_parts(Database& db, ProjectConfig& project) {
  const std::string_view name = project.name;
  {
    Query query(db, "SELECT pattern FROM project_models WHERE project = ? ORDER BY position", name);
    while (query.next()) project.models.emplace_back(query.text(0));
  }
  {
    Query query(db, "SELECT period, cap FROM project_caps WHERE project = ? ORDER BY position", name);
    while (query.next()) {
      SpendCap cap;
      cap.period = static_cast<Period>(query.integer(0));
      cap.cap = Money::units(query.integer(1));
      project.spend.caps.push_back(cap);
    }
  }
  {
    Query query(db,
                "SELECT cap_position, percent FROM project_warnings WHERE project = ? ORDER BY cap_position, position",
                name);
    while (query.next()) {
      const auto cap = static_cast<std::size_t>(query.integer(0));
      if (cap < project.spend.caps.size()) {
        project.spend.caps[cap].warn_percent.push_back(static_cast<int>(query.integer(1)));
      }
    }
  }
  Query query(db, "SELECT from_second, offset_seconds FROM project_zones WHERE project = ? ORDER BY position", name);
  while (query.next()) {
    project.spend.zone.push_back(
        {std::chrono::sys_seconds(std::chrono::seconds(query.integer(0))), std::chrono::seconds(query.integer(1))});
  }
}

void write_parts(Database& db, const ProjectConfig& project) {
  const std::string_view name = project.name;
  std::int64_t position = 0;
  for (const std::string& pattern : project.models) {
    Query(db, "INSERT INTO project_models VALUES(?,?,?)", name, position++, std::string_view(pattern)).run();
  }
  position = 0;
  for (const SpendCap& cap : project.spend.caps) {
    Query(db, "INSERT INTO project_caps VALUES(?,?,?,?)", name, position, static_cast<int>(cap.period), cap.cap.units())
        .run();
    std::int64_t warning = 0;
    for (const int percent : cap.warn_percent) {
      Query(db, "INSERT INTO project_warnings VALUES(?,?,?,?)", name, position, warning++, percent).run();
    }
    ++position;
  }
  position = 0;
  for (const ZoneOffset& offset : project.spend.zone) {
    Query(db, "INSERT INTO project_zones VALUES(?,?,?,?)", name, position++, offset.from.time_since_epoch().count(),
          offset.offset.count())
        .run();
  }
}

bool erase(Database& db, std::string_view name) {
  Query(db, "DELETE FROM project_models WHERE project = ?", name).run();
  Query(db, "DELETE FROM project_caps WHERE project = ?", name).run();
  Query(db, "DELETE FROM project_warnings WHERE project = ?", name).run();
  Query(db, "DELETE FROM project_zones WHERE project = ?", name).run();
  Query(db, "DELETE FROM projects WHERE name = ?", name).run();
  return db.ok() && db.changes() > 0;
}

ProjectConfig read_project(Database& db, const Query& query) {
  ProjectConfig project;
  project.name = query.text(0);
  project.limits = {optional_integer(query, 1), optional_integer(query, 2), optional_integer(query, 3),
                    optional_integer(query, 4)};
  project.spend.mode = static_cast<SpendMode>(query.integer(5));
  project.spend.timezone = query.text(6);
  project.spend.allow_unpriced = query.integer(7) != 0;
  read_parts(db, project);
  return project;
}

std::optional<ProjectConfig> find_project(Database& db, std::string_view name) {
  Query query(db, "SELECT * FROM projects WHERE name = ?", name);
  if (!query.next()) return std::nullopt;
  return read_project(db, query);
}

ApiKey read_key(const Query& query) {
  ApiKey key;
  key.id = query.text(0);
  key.name = query.text(1);
  key.project = query.text(2);
  const auto hash = query.blob(3);
  std::copy_n(hash.begin(), std::min(hash.size(), key.hash.size()), key.hash.begin());
  key.created = time_of(query.integer(4));
  key.expires = optional_time(query, 5);
  key.revoked = optional_time(query, 6);
  return key;
}

Result<ApiKey> find_key(Database& db, std::string_view id) {
  Query query(db, "SELECT * FROM api_keys WHERE id = ?", id);
  if (query.next()) return read_key(query);
  return Error{ErrorCode::not_found, "there is no key with the id '" + std::string(id) + "'"};
}

Result<void> insert_key(Database& db, const ApiKey& key) {
  {
    Query same(db, "SELECT id FROM api_keys WHERE id = ? OR hash = ?", std::string_view(key.id),
               std::span<const std::uint8_t>(key.hash));
    if (same.next()) {
      const bool id = same.text(0) == key.id;
      return Error{ErrorCode::exists, id ? "key " + key.id + " exists already"
                                         : "another key, " + std::string(same.text(0)) + ", has the same text"};
    }
  }
  Query query(db, "INSERT INTO api_keys VALUES(?,?,?,?,?,?,?)", std::string_view(key.id), std::string_view(key.name),
              std::string_view(key.project), std::span<const std::uint8_t>(key.hash), micros_of(key.created));
  bind_optional(query, key.expires);
  bind_optional(query, key.revoked);
  query.run();
  return {};
}

void update_end(Database& db, const ApiKey& key) {
  Query query(db, "UPDATE api_keys SET expires = ?, revoked = ? WHERE id = ?");
  bind_optional(query, key.expires);
  bind_optional(query, key.revoked);
  query.bind(std::string_view(key.id));
  query.run();
}

}  // namespace

std::uint64_t tenants_version(Database& db) {
  Query query(db, "SELECT value FROM meta WHERE name = 'tenants_version'");
  return query.next() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
}

TenantChange read_tenants(Database& db) {
  TenantChange out;
  {
    Query query(db, "SELECT * FROM projects ORDER BY name");
    while (query.next()) out.projects.push_back(read_project(db, query));
  }
  Query query(db, "SELECT * FROM api_keys ORDER BY id");
  while (query.next()) out.keys.push_back(read_key(query));
  return out;
}

Result<void> put_project(Database& db, const ProjectConfig& project, const ProjectConfig* replaced) {
  const std::string named = "project '" + project.name + "'";
  if (project.from_file) return Error{ErrorCode::refused, named + " is defined in the configuration file"};
  const std::optional<ProjectConfig> stored = find_project(db, project.name);
  if (!db.ok()) return {};  // the transaction's end returns the error
  if (replaced == nullptr && stored) return Error{ErrorCode::exists, named + " exists already"};
  if (replaced != nullptr && !stored) return Error{ErrorCode::not_found, "there is no " + named};
  if (replaced != nullptr && *stored != *replaced) {
    return Error{ErrorCode::conflict, named + " was changed meanwhile: read it again"};
  }
  erase(db, project.name);
  Query query(db, "INSERT INTO projects VALUES(?,?,?,?,?,?,?,?)", std::string_view(project.name));
  bind_optional(query, project.limits.requests_per_minute);
  bind_optional(query, project.limits.tokens_per_minute);
  bind_optional(query, project.limits.concurrent);
  bind_optional(query, project.limits.max_output_tokens);
  query.bind(static_cast<int>(project.spend.mode));
  query.bind(std::string_view(project.spend.timezone));
  query.bind(project.spend.allow_unpriced);
  query.run();
  write_parts(db, project);
  move_version(db);
  return {};
}

Result<void> delete_project(Database& db, std::string_view name, WallTime now) {
  if (!erase(db, name) && db.ok())
    return Error{ErrorCode::not_found, "there is no project '" + std::string(name) + "'"};
  Query(db, "UPDATE api_keys SET revoked = ? WHERE project = ? AND revoked IS NULL", micros_of(now), name).run();
  // Whoever makes a project of this name later has no claim to what was answered to this one.
  Query(db, "DELETE FROM answers WHERE project = (SELECT id FROM names WHERE name = ?)", name).run();
  move_version(db);
  return {};
}

Result<void> put_key(Database& db, const ApiKey& key, bool project_is_stored) {
  if (project_is_stored) {
    Query query(db, "SELECT 1 FROM projects WHERE name = ?", std::string_view(key.project));
    if (!query.next() && db.ok()) {
      return Error{ErrorCode::not_found, "there is no project '" + key.project + "'"};
    }
  }
  if (auto inserted = insert_key(db, key); !inserted) return inserted;
  move_version(db);
  return {};
}

Result<ApiKey> end_key(Database& db, std::string_view id, WallTime when, WallTime now) {
  Result<ApiKey> key = find_key(db, id);
  if (!key) return key;
  end_key(*key, when, now);
  update_end(db, *key);
  move_version(db);
  return key;
}

Result<ApiKey> rotate_key(Database& db, std::string_view id, const ApiKey& successor, WallTime when, WallTime now) {
  Result<ApiKey> key = find_key(db, id);
  if (!key) return key;
  if (const std::string_view state = state_of(*key, now); state != kActiveKey) {
    return Error{ErrorCode::refused, "key " + key->id + " is " + std::string(state)};
  }
  if (auto inserted = insert_key(db, successor); !inserted) return std::move(inserted).error();
  end_key(*key, when, now);
  update_end(db, *key);
  move_version(db);
  return key;
}

}  // namespace gateway::sqlite
