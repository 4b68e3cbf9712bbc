// JSON as the commands print it. Values are passed as finished JSON text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/money.h"
#include "gateway/time.h"

namespace gateway::app::json {

// In quotes, escaped. Bytes that are no UTF-8 become U+FFFD.
std::string text(std::string_view value);
std::string number(std::int64_t value);
std::string boolean(bool value);
std::string money(const MoneySum& value);  // "0.00012345", in quotes
std::string time(WallTime value);          // RFC 3339, UTC, always six decimals, so that they sort as text; zero: null
std::string time_in(WallTime value, const Zone& zone);  // the same with the zone's offset
std::string list(const std::vector<std::string>& values);
inline std::string null() { return "null"; }
template <class T, class Write>
std::string optional(const std::optional<T>& value, Write write) {
  return value ? write(*value) : null();
}

class Object {
 public:
  Object& add(std::string_view name, std::string_view value);
  Object& add_members_of(const Object& other);
  std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace gateway::app::json
