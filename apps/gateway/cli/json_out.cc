#include "app/cli/json_out.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <simdjson.h>

namespace gateway::app::json {

std::string text(std::string_view value) {
  const bool utf8 = simdjson::validate_utf8(value.data(), value.size());
  std::string quoted = "\"";
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const auto byte = static_cast<unsigned char>(c);
    const auto next = static_cast<unsigned char>(i + 1 < value.size() ? value[i + 1] : 0);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else if (byte >= 0x80 && !utf8) {
      quoted += "\\ufffd";
    } else if (byte == 0xc2 && next < 0xa0) {  // U+0080 to U+009F: control characters, which some terminals obey
      quoted += fmt::format("\\u{:04x}", next);
      ++i;
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string number(std::int64_t value) { return std::to_string(value); }
std::string boolean(bool value) { return value ? "true" : "false"; }
std::string money(const MoneySum& value) { return '"' + value.to_string() + '"'; }

std::string time(WallTime value) {
  if (value == WallTime{}) return null();
  const auto second = std::chrono::floor<std::chrono::seconds>(value);
  return fmt::format("\"{:%Y-%m-%dT%H:%M:%S}.{:06}Z\"", fmt::gmtime(second.time_since_epoch().count()),
                     (value - second).count());
}

std::string list(const std::vector<std::string>& values) { return fmt::format("[{}]", fmt::join(values, ",")); }

Object& Object::add(std::string_view name, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  members_ += text(name);
  members_ += ':';
  members_ += value;
  return *this;
}

}  // namespace gateway::app::json
