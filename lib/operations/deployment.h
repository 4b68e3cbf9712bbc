// What an operation works on: a configuration, the store beside it, and the moment of the call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/store.h"
#include "gateway/time.h"

namespace gateway::operations {

class Readings;

// What it refers to outlives it. An operation calls the store on the thread it runs on, and may block there.
struct Deployment {
  const Config& config;
  std::string config_path;  // only shown; empty: there is no file
  std::string database;     // only shown
  Store* store = nullptr;   // null: there is no database yet, so nothing was stored
  WallTime now{};
  Readings* readings = nullptr;  // those that others share; null: each call reads for itself
};

// Which part of a list is wanted.
struct Page {
  std::int64_t limit = 100;  // 0: all
  std::string cursor{};      // the `next` of the page before; empty: the first one
};

// The project of that name in the file, or null.
const ProjectConfig* project_of_file(const Deployment& deployment, std::string_view name);
// All, sorted by name. If both have one of the same name the file's wins.
Result<std::vector<ProjectConfig>> all_projects(const Deployment& deployment);
// Of the file or of the database. not_found suggests the nearest.
Result<ProjectConfig> find_project(const Deployment& deployment, std::string_view name);
// Whether anything can be known of a project of that name: of the file, of the database, or, since deleted, of the
// ledger. not_found suggests the nearest.
Result<void> expect_project(const Deployment& deployment, std::string_view name);
// The same for each.
Result<void> expect_projects(const Deployment& deployment, const AnyText& names);
// The ids of keys that are given by id or by name. Several keys may share a name; of what is neither there must be a
// row, since the ledger knows keys that are no longer stored. Errors: not_found, and suggests the nearest.
Result<AnyText> key_ids(const Deployment& deployment, const AnyText& keys);
// Both, of a query: its projects are there, and its keys become ids.
Result<void> resolve_names(const Deployment& deployment, const AnyText& projects, AnyText& keys);

// Errors: not_found, if there is no database.
Result<Store*> expect_store(const Deployment& deployment);
// `cursor` is no `next` of this list.
Error unknown_cursor(std::string_view cursor);
// A cursor that counts what comes before it; empty: 0.
Result<std::size_t> read_offset(std::string_view cursor);

}  // namespace gateway::operations
