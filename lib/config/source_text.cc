#include "config/source_text.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"

namespace gateway::yaml {
namespace {

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

// The parser keeps every token of a bracket that is open; a text that opens this many is no configuration.
constexpr int kMaxOpenBrackets = 1000;

}  // namespace

std::optional<Mistake> check_source(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return Mistake{
        {}, "the file has " + std::to_string(text.size()) + " bytes; expected at most " + std::to_string(kMaxBytes)};
  }
  int open = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = utf8_sequence_size(text.substr(at));
    if (size == 0) return Mistake{place_at(text, at), "this byte is not UTF-8; expected a text file in UTF-8"};
    const char c = text[at];
    if (is_forbidden(c)) return Mistake{place_at(text, at), "a control character; expected a text file in UTF-8"};
    if (c == '[' || c == '{') ++open;
    if (c == ']' || c == '}') open = std::max(open - 1, 0);
    if (open > kMaxOpenBrackets) return Mistake{place_at(text, at), "too many brackets are open here"};
    at += size;
  }
  return std::nullopt;
}

Place place_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_end = before.rfind('\n');
  const std::size_t column = line_end == std::string_view::npos ? offset : offset - line_end - 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1, static_cast<int>(column) + 1};
}

std::size_t offset_of(std::string_view text, Place place) {
  std::size_t at = 0;
  for (int line = 1; line < place.line && at < text.size(); ++line) {
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  }
  return std::min(at + static_cast<std::size_t>(place.column - 1), text.size());
}

}  // namespace gateway::yaml
