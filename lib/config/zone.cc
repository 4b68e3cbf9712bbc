#include <date/tz.h>

#include <exception>
#include <fstream>
#include <iterator>
#include <optional>

#include "config/zone_rule.h"
#include "gateway/yaml_config.h"

namespace gateway {
namespace {

using std::chrono::sys_seconds;

const sys_seconds kBegin = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
const sys_seconds kEnd = std::chrono::sys_days(std::chrono::year(2060) / 1 / 1);

void add(Zone& zone, sys_seconds from, std::chrono::seconds offset) {
  if (zone.empty() || zone.back().offset != offset) zone.push_back({from, offset});
}

// The rule for the time after the last transition that a zone file lists: RFC 8536, 3.3. Empty when there is none.
std::string footer_of(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() < 2 || bytes.back() != '\n') return {};
  const std::size_t before = bytes.rfind('\n', bytes.size() - 2);
  return before == std::string::npos ? std::string{} : bytes.substr(before + 1, bytes.size() - before - 2);
}

void add_by_rule(Zone& zone, sys_seconds from, const ZoneRule& rule) {
  for (std::chrono::year year(2020); year < std::chrono::year(2060); ++year) {
    const auto [first, second] = rule.changes(year);
    if (first.from > from) add(zone, first.from, first.offset);
    if (second.from > from) add(zone, second.from, second.offset);
  }
}

}  // namespace

Result<Zone> load_zone(const std::string& name) {
  if (name == "UTC") return Zone{};
  try {
    const date::time_zone* found = date::locate_zone(name);
    Zone zone;
    for (sys_seconds at = kBegin; at < kEnd;) {
      const date::sys_info info = found->get_info(at);
      add(zone, at, info.offset);
      const auto rule = info.end >= kEnd ? ZoneRule::parse(footer_of(name)) : std::nullopt;
      if (rule) add_by_rule(zone, at, *rule);
      at = info.end;
    }
    return zone;
  } catch (const std::exception&) {
    return Error{ErrorCode::not_found, "'" + name + "' is not in the system's time zone database"};
  }
}

}  // namespace gateway
