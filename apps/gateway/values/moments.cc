#include "app/values/moments.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/calendar.h"
#include "base/time_text.h"
#include "config/scalars.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

std::optional<WallTime> read_date(std::string_view text, const Zone& zone = {}) {
  if (const auto time = parse_rfc3339(text)) return time;
  const auto day = parse_day(text);
  if (!day) return std::nullopt;
  const auto date = std::chrono::floor<std::chrono::days>(day->time_since_epoch());
  return first_instant(std::chrono::local_days(date), zone);
}

}  // namespace

Error usage_error(std::string detail) { return Error{ErrorCode::invalid, std::move(detail)}; }

Result<WallTime> read_moment(std::string_view name, std::string_view text, WallTime now, const Zone& zone) {
  if (const auto date = read_date(text, zone)) return *date;
  if (const auto ago = scalars::duration(text)) return now - *ago;
  return usage_error(
      fmt::format("{}: expected a time such as 2026-11-22T13:00:00Z, a day such as 2026-11-22, or how long "
                  "ago such as 24h or 7d, found '{}'",
                  name, text));
}

Result<Zone> read_zone(std::string_view name, const std::string& text) {
  if (auto zone = load_zone(text)) return zone;
  return usage_error(fmt::format("{}: expected a time zone such as Europe/Berlin, found '{}'", name, text));
}

Result<WallTime> read_expiry(std::string_view name, std::string_view text, WallTime now) {
  if (const auto date = read_date(text)) return *date;
  const auto length = scalars::duration(text);
  if (length && length->count() > 0) return now + *length;
  return usage_error(
      fmt::format("{}: expected how long such as 90d or 12h, or a time such as 2027-01-31T00:00:00Z, found "
                  "'{}'",
                  name, text));
}

Result<WallTime> read_later(std::string_view name, std::string_view text, WallTime now) {
  const auto moment = read_expiry(name, text, now);
  if (moment && *moment <= now) return usage_error(fmt::format("{}: expected a time to come, found '{}'", name, text));
  return moment;
}

Result<std::chrono::milliseconds> read_duration(std::string_view name, std::string_view text) {
  if (const auto length = scalars::duration(text)) return *length;
  return usage_error(fmt::format("{}: expected {}, found '{}'", name, scalars::kDurationExpected, text));
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
