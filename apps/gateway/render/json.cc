#include "app/render/json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/calendar.h"
#include "wire/json/text.h"

namespace gateway::app::json {

std::string text(std::string_view value) {
  std::string quoted;
  append_json_string(quoted, value);
  return quoted;
}

std::string number(std::int64_t value) { return std::to_string(value); }
std::string boolean(bool value) { return value ? "true" : "false"; }
std::string money(const MoneySum& value) { return '"' + value.to_string() + '"'; }

std::string time(WallTime value) { return time_in(value, {}); }

std::string time_in(WallTime value, const Zone& zone) {
  if (value == WallTime{}) return null();
  const auto offset = zone_offset(zone, value);
  const auto second = std::chrono::floor<std::chrono::seconds>(value);
  return fmt::format("\"{:%Y-%m-%dT%H:%M:%S}.{:06}{}\"", fmt::gmtime((second + offset).time_since_epoch().count()),
                     (value - second).count(), zone.empty() ? "Z" : offset_text(offset));
}

std::string list(const std::vector<std::string>& values) { return fmt::format("[{}]", fmt::join(values, ",")); }

Object& Object::add(std::string_view name, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  members_ += text(name);
  members_ += ':';
  members_ += value;
  return *this;
}

Object& Object::add_members_of(const Object& other) {
  if (!members_.empty() && !other.members_.empty()) members_ += ',';
  members_ += other.members_;
  return *this;
}

}  // namespace gateway::app::json
