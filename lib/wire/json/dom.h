// Whole pieces of JSON that others wrote, to be looked up by names, as answers are. For .cc files of the shapes.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"

namespace gateway::json {

// One piece after the other: with or without a byte order mark, and with what strict readers would not take repaired.
class Dom {
 public:
  // False: it is broken. What `root` leads to is valid until the next piece is read.
  bool read(const PaddedBuffer& json, simdjson::dom::element& root);
  bool read_copy(std::string_view json, simdjson::dom::element& root);

 private:
  simdjson::dom::parser parser_;
  PaddedBuffer copy_;
};

// The member if it is of that type, else an empty one.
inline std::string_view text_of(const simdjson::dom::object& from, std::string_view key) noexcept {
  std::string_view text;
  return from[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}
inline std::optional<std::int64_t> integer_of(const simdjson::dom::object& from, std::string_view key) noexcept {
  std::int64_t number = 0;
  if (from[key].get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}
inline bool object_of(const simdjson::dom::object& from, std::string_view key, simdjson::dom::object& out) noexcept {
  return from[key].get(out) == simdjson::SUCCESS;
}
inline bool array_of(const simdjson::dom::object& from, std::string_view key, simdjson::dom::array& out) noexcept {
  return from[key].get(out) == simdjson::SUCCESS;
}
template <class Each>
void for_each_object(const simdjson::dom::array& list, Each&& each) {
  for (const simdjson::dom::element member : list) {
    simdjson::dom::object one;
    if (member.get(one) == simdjson::SUCCESS) each(one);
  }
}

}  // namespace gateway::json
