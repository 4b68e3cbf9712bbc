// The text format of Prometheus, version 0.0.4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::prometheus {

// The two lines that go ahead of a family's samples. `type`: counter, gauge or histogram.
inline void append_family(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  out.append(name).append(" ").append(type).append("\n");
}

// A family of one sample without labels.
inline void append_single(std::string& out, std::string_view name, std::string_view type, std::string_view help,
                          std::int64_t value) {
  append_family(out, name, type, help);
  out.append(name).append(" ").append(std::to_string(value)).append("\n");
}

// A label's value, without its quotes.
inline std::string escaped_label(std::string_view label) {
  std::string out;
  for (const char c : label) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace gateway::prometheus
