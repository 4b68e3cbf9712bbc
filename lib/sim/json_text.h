// A text as JSON has it, for the little JSON that tests need.
#pragma once

#include <string>
#include <string_view>

namespace gateway::testing {

inline std::string json_text(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += std::string("\\u00") + kHex[c >> 4] + kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out += '"';
}

}  // namespace gateway::testing
