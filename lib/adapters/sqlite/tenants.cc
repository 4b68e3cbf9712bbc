#include "adapters/sqlite/tenants.h"

#include <algorithm>

#include "adapters/sqlite/row_columns.h"

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

}  // namespace

std::uint64_t tenants_version(Database& db) {
  Query query(db, "SELECT value FROM meta WHERE name = 'tenants_version'");
  return query.next() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
}

TenantChange read_tenants(Database& db) {
  TenantChange out;
  {
    Query query(db, "SELECT * FROM projects ORDER BY name");
    while (query.next()) {
      ProjectConfig project;
      project.name = query.text(0);
      project.limits = {optional_integer(query, 1), optional_integer(query, 2), optional_integer(query, 3),
                        optional_integer(query, 4)};
      project.spend.mode = static_cast<SpendMode>(query.integer(5));
      project.spend.timezone = query.text(6);
      project.spend.allow_unpriced = query.integer(7) != 0;
      out.projects.push_back(std::move(project));
    }
  }
  for (ProjectConfig& project : out.projects) read_parts(db, project);
  Query query(db, "SELECT * FROM api_keys ORDER BY id");
  while (query.next()) out.keys.push_back(read_key(query));
  return out;
}

Result<void> put_project(Database& db, const ProjectConfig& project, bool must_be_new) {
  if (project.from_file) {
    return Error{ErrorCode::refused, "project " + project.name + " is kept in the configuration file"};
  }
  if (erase(db, project.name) && must_be_new) {
    return Error{ErrorCode::exists, "project " + project.name + " exists already"};
  }
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
  if (!erase(db, name) && db.ok()) return Error{ErrorCode::not_found, "there is no project " + std::string(name)};
  Query(db, "UPDATE api_keys SET revoked = ? WHERE project = ? AND revoked IS NULL", micros_of(now), name).run();
  move_version(db);
  return {};
}

Result<void> put_key(Database& db, const ApiKey& key) {
  {
    Query same(db, "SELECT id FROM api_keys WHERE hash = ?", std::span<const std::uint8_t>(key.hash));
    if (same.next() && same.text(0) != key.id) {
      return Error{ErrorCode::exists, "another key, " + std::string(same.text(0)) + ", has the same text"};
    }
  }
  Query query(db, "REPLACE INTO api_keys VALUES(?,?,?,?,?,?,?)", std::string_view(key.id), std::string_view(key.name),
              std::string_view(key.project), std::span<const std::uint8_t>(key.hash), micros_of(key.created));
  bind_optional(query, key.expires);
  bind_optional(query, key.revoked);
  query.run();
  move_version(db);
  return {};
}

}  // namespace gateway::sqlite
