// Writes members of objects, and elements of lists. For .cc files of the shapes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::json {

// A comma, unless the object or list has just been opened.
inline void append_comma(std::string& out) {
  if (out.back() != '{' && out.back() != '[') out += ',';
}
// The key is written as it is.
void append_key(std::string& out, std::string_view key);
void append_text(std::string& out, std::string_view key, std::string_view text);
void append_json(std::string& out, std::string_view key, std::string_view json);
void append_number(std::string& out, std::string_view key, std::int64_t number);

}  // namespace gateway::json
