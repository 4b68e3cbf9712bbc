// simdjson's own document parser, which checks everything, as a measure for our walk.
#pragma once

#include <simdjson.h>

#include <string_view>

namespace gateway::fuzz {

enum class Verdict { valid, invalid, unknown };

// Unknown where the oracle is stricter than RFC 8259: numbers out of its range, lone surrogates, great depth.
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

// Brackets in strings count too: never less than the real depth.
inline int depth_bound(std::string_view text) {
  int depth = 0, most = 0;
  for (const char c : text) {
    if (c == '{' || c == '[') most = ++depth > most ? depth : most;
    if ((c == '}' || c == ']') && depth > 0) --depth;
  }
  return most;
}

}  // namespace gateway::fuzz
