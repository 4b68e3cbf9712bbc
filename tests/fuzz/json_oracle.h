// simdjson's own document parser, which checks everything, as a measure for our walk.
#pragma once

#include <simdjson.h>

#include <string_view>

namespace gateway::fuzz {

enum class Verdict { valid, invalid, unknown };

// Unknown if the oracle is stricter than RFC 8259: numbers out of its range, lone surrogates, great depth.
inline Verdict json_verdict(std::string_view text, bool& is_object) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto code = parser.parse(text.data(), text.size()).get(root);
  is_object = code == simdjson::SUCCESS && root.is_object();
  if (code == simdjson::SUCCESS) return Verdict::valid;
  if (code == simdjson::NUMBER_ERROR || code == simdjson::DEPTH_ERROR) {
    return Verdict::unknown;
  }
  const bool surrogates = text.find("\\ud") != std::string_view::npos || text.find("\\uD") != std::string_view::npos;
  return code == simdjson::STRING_ERROR && surrogates ? Verdict::unknown : Verdict::invalid;
}

// How deep a valid document is nested.
inline int depth_of(std::string_view json) {
  int depth = 0, most = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') in_string = !in_string;
    if (in_string) {
      if (c == '\\') ++i;
      continue;
    }
    if (c == '{' || c == '[') most = ++depth > most ? depth : most;
    if (c == '}' || c == ']') --depth;
  }
  return most;
}

}  // namespace gateway::fuzz
