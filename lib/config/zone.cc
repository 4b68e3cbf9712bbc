#include <date/tz.h>

#include <exception>

#include "gateway/yaml_config.h"

namespace gateway {

Result<Zone> load_zone(const std::string& name) {
  if (name == "UTC") return Zone{};
  using namespace std::chrono;
  const date::sys_seconds begin = date::sys_days(date::year(2020) / 1 / 1);
  const date::sys_seconds end = date::sys_days(date::year(2060) / 1 / 1);
  try {
    const date::time_zone* found = date::locate_zone(name);
    Zone zone;
    for (date::sys_seconds at = begin; at < end;) {
      const date::sys_info info = found->get_info(at);
      if (zone.empty() || zone.back().offset != info.offset) zone.push_back({at, info.offset});
      at = info.end;
    }
    return zone;
  } catch (const std::exception&) {
    return Error{ErrorCode::not_found, "'" + name + "' is not in the system's time zone database"};
  }
}

}  // namespace gateway
