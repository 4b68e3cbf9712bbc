// Flags that several commands have, and how their texts are read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command_context.h"
#include "app/render/table.h"
#include "app/values/moments.h"
#include "gateway/result.h"

namespace gateway::app {

class Command;  // app/cli/parser/command.h

// -c, --config and --database.
struct DatabaseFlags {
  std::optional<std::string> config;
  std::optional<std::string> database;
};
void add_flags(Command& command, DatabaseFlags& flags);

// --format and --json, --columns, --limit.
struct ListFlags {
  Format format = Format::table;
  std::int64_t limit = 100;            // 0: all
  std::vector<std::string> columns{};  // empty: the usual ones
};
void add_flags(Command& command, ListFlags& flags, bool with_limit = true);
// A list on `out` with the columns that were selected. Errors: invalid (there is no column of that name).
Result<Listing> open_listing(Session& session, const ListFlags& flags, std::vector<Column> columns);
// Reports on `err` that a list was truncated, if it was.
void report_truncation(Session& session, const ListFlags& flags, std::size_t all);

// Shown below the command's --help.
void add_example(Command& command, const std::string& example);

}  // namespace gateway::app
