#include "app/cli/flags.h"

#include <fmt/format.h>

#include <limits>
#include <ostream>

#include "app/cli/validators.h"
#include "base/time_text.h"
#include "config/scalars.h"

namespace gateway::app {
namespace {

std::optional<WallTime> read_date(std::string_view text) {
  const std::optional<WallTime> time = parse_rfc3339(text);
  return time ? time : parse_day(text);
}

}  // namespace

void add_flags(CLI::App& command, DatabaseFlags& flags) {
  command.add_option("-c,--config", flags.config, "The configuration file; gateway.yaml where it is there")
      ->type_name("FILE");
  command.add_option("--database", flags.database, "The database, before the configuration's: sqlite:FILE or FILE")
      ->type_name("DATABASE");
}

void add_flags(CLI::App& command, ListFlags& flags, bool with_limit) {
  command.add_option("--format", flags.format, "table, json, jsonl or csv")
      ->transform(enum_of({"table", "json", "jsonl", "csv"}))
      ->type_name("FORMAT");
  command.add_flag_callback(
      "--json", [&flags] { flags.format = Format::json; }, "The same as --format json");
  if (!with_limit) return;
  command.add_option("--limit", flags.limit, "So many at most; 0 for all")
      ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()))
      ->type_name("N")
      ->capture_default_str();
}

void tell_cut(Session& session, const ListFlags& flags, std::size_t all) {
  if (flags.limit == 0 || all <= static_cast<std::size_t>(flags.limit)) return;
  session.err << fmt::format("gateway: {} of {} shown; --limit 0 shows all\n", flags.limit, all);
}

void add_example(CLI::App& command, const std::string& example) { command.footer("Example:\n  " + example); }

Error usage_error(std::string detail) { return Error{ErrorCode::invalid, std::move(detail)}; }

Result<WallTime> read_moment(std::string_view flag, std::string_view text, WallTime now) {
  if (const auto date = read_date(text)) return *date;
  if (const auto ago = scalars::duration(text)) return now - *ago;
  return usage_error(
      fmt::format("{}: expected a time such as 2026-11-22T13:00:00Z, a day such as 2026-11-22, or how long "
                  "ago such as 24h or 7d, found '{}'",
                  flag, text));
}

Result<WallTime> read_expiry(std::string_view flag, std::string_view text, WallTime now) {
  if (const auto date = read_date(text)) return *date;
  const auto length = scalars::duration(text);
  if (length && length->count() > 0) return now + *length;
  return usage_error(
      fmt::format("{}: expected how long such as 90d or 12h, or a time such as 2027-01-31T00:00:00Z, found "
                  "'{}'",
                  flag, text));
}

Result<std::chrono::milliseconds> read_duration(std::string_view flag, std::string_view text) {
  if (const auto length = scalars::duration(text)) return *length;
  return usage_error(fmt::format("{}: expected {}, found '{}'", flag, scalars::kDurationExpected, text));
}

std::vector<std::string> split_list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      if (comma > at) parts.push_back(text.substr(at, comma - at));
      at = comma + 1;
    }
  }
  return parts;
}

}  // namespace gateway::app
