#include "app/cli/flags.h"

#include <fmt/format.h>

#include <limits>
#include <ostream>

#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/cli/screen.h"

namespace gateway::app {
namespace {

const std::vector<std::string> kFormats{"table", "json", "jsonl", "csv", "markdown"};

}  // namespace

void add_flags(Command& command, DatabaseFlags& flags) {
  command.add_option("-c,--config", flags.config, "The configuration file; gateway.yaml if it exists", "FILE");
  command.add_option("--database", flags.database, "The database, before the configuration's: sqlite:FILE or FILE",
                     "DATABASE");
}

void add_flags(Command& command, ListFlags& flags, bool with_limit) {
  command
      .add_option("--format", flags.format, "table, json, jsonl, csv or markdown; unless said, GATEWAY_FORMAT",
                  "FORMAT")
      ->check(enum_of(kFormats));
  command.add_flag(
      "--json", [&flags] { flags.format = Format::json; }, "The same as --format json");
  command.add_option("--columns,--fields", flags.columns, "Only these columns, by comma, in this order", "LIST")
      ->one_value();
  if (!with_limit) return;
  command.add_option("--limit", flags.limit, "Show at most N; 0 shows all", "N")
      ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()))
      ->capture_default_str();
}

Result<Listing> open_listing(Session& session, const ListFlags& flags, std::vector<Column> columns) {
  Listing listing(session.out, flags.format, std::move(columns), screen_of(session).colour);
  if (flags.columns.empty()) return listing;
  if (auto chosen = listing.select(split_list(flags.columns)); !chosen) return chosen.error();
  return listing;
}

void report_truncation(Session& session, const ListFlags& flags, std::size_t all) {
  if (flags.limit == 0 || all <= static_cast<std::size_t>(flags.limit)) return;
  session.err << fmt::format("gateway: {} of {} shown; --limit 0 shows all\n", flags.limit, all);
}

void add_example(Command& command, const std::string& example) { command.footer("Example:\n  " + example); }

}  // namespace gateway::app
