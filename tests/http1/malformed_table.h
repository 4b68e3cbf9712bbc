// Reads malformed.txt, whose first lines say how it is written.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_dir.h"

namespace gateway::http1 {

struct MalformedRequest {
  int status = 0;
  std::string name, wire;
};

inline std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '\\' || text.size() < 2) {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    const char kind = text[1];
    text.remove_prefix(2);
    if (kind == 'x') {
      out += static_cast<char>(std::stoi(std::string(text.substr(0, 2)), nullptr, 16));
      text.remove_prefix(2);
    } else if (kind == '{') {
      const std::size_t star = text.rfind('*', text.find_first_of('}'));
      const std::size_t end = text.find('}', star);
      const std::string piece = unescape(text.substr(0, star));
      for (int n = std::atoi(std::string(text.substr(star + 1, end - star - 1)).c_str()); n > 0; --n) out += piece;
      text.remove_prefix(end + 1);
    } else {
      out += kind == 'r' ? '\r' : kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == '0' ? '\0' : kind;
    }
  }
  return out;
}

inline std::vector<MalformedRequest> malformed_requests() {
  std::vector<MalformedRequest> out;
  std::ifstream file(source_dir() + "/tests/http1/malformed.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    out.push_back({std::atoi(line.c_str()), line.substr(first + 1, second - first - 1),
                   unescape(std::string_view(line).substr(second + 1))});
  }
  return out;
}

}  // namespace gateway::http1
