// Flags that several commands have, and how their texts are read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command_context.h"
#include "app/cli/table.h"
#include "gateway/result.h"

namespace CLI {
class App;
}

namespace gateway::app {

// -c, --config and --database.
struct DatabaseFlags {
  std::optional<std::string> config;
  std::optional<std::string> database;
};
void add_flags(CLI::App& command, DatabaseFlags& flags);

// --format and --json, --limit.
struct ListFlags {
  Format format = Format::table;
  std::int64_t limit = 100;  // 0: all
};
void add_flags(CLI::App& command, ListFlags& flags, bool with_limit = true);
// Says on `err` that a list was cut, where it was.
void tell_cut(Session& session, const ListFlags& flags, std::size_t all);

// Shown below the command's --help.
void add_example(CLI::App& command, const std::string& example);

// A moment: RFC 3339, a day (its beginning in UTC), or so long ago: "24h", "7d".
Result<WallTime> read_moment(std::string_view flag, std::string_view text, WallTime now);
// A moment to come: RFC 3339, a day, or so long from now.
Result<WallTime> read_expiry(std::string_view flag, std::string_view text, WallTime now);
Result<std::chrono::milliseconds> read_duration(std::string_view flag, std::string_view text);
Error usage_error(std::string detail);

// "a,b" and ["a", "b"] alike.
std::vector<std::string> split_list(const std::vector<std::string>& texts);

}  // namespace gateway::app
