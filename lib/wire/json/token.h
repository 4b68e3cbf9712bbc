// Strings and numbers as JSON spells them (RFC 8259, 6 and 7). For .cc files of this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::json {

// A string as it is written in the document.
struct Text {
  std::string_view raw;         // without the quotes
  bool escaped = false;         // there is a backslash in it
  bool lone_surrogate = false;  // half of a \ud83d\ude00
  std::int64_t size = 0;        // bytes of UTF-8 after unescaping; a lone surrogate counts three

  // Of the text between the quotes, which are not looked at again. False: an escape is none of JSON's.
  bool measure() noexcept;
  // The quotes included.
  const char* begin() const noexcept { return raw.data() - 1; }
  const char* end() const noexcept { return raw.data() + raw.size() + 1; }
};

// Appends what `text` spells; a lone surrogate becomes U+FFFD.
void append_unescaped(std::string& out, const Text& text);
// A view of the same, into `text` or, if something is escaped, into `scratch`.
std::string_view unescaped(const Text& text, std::string& scratch);
// [-] 0 | 1-9 digits [. digits] [e [+-] digits]: RFC 8259, 6.
bool is_number(std::string_view token) noexcept;
// The value of a number without fraction and exponent that fits 64 bits.
std::optional<std::int64_t> to_integer(std::string_view token) noexcept;
// The same, and of a number whose fraction is zero: 11.0 is 11.
std::optional<std::int64_t> to_whole(std::string_view token) noexcept;

}  // namespace gateway::json
