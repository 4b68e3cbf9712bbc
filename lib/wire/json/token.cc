#include "wire/json/token.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace gateway::json {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

int hex(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The four digits of a \u escape, or -1.
int code_unit(const char* at, const char* end) noexcept {
  if (end - at < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex(at[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high(int unit) noexcept { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(int unit) noexcept { return unit >= 0xdc00 && unit < 0xe000; }

// What follows a backslash.
struct Escape {
  int code_point = -1;  // -1: no escape of JSON's
  int length = 0;       // bytes in the document, without the backslash
  bool lone = false;    // half of a surrogate pair
};

Escape read_escape(const char* at, const char* end) noexcept {
  if (at == end) return {};
  switch (*at) {
    case '"':
    case '\\':
    case '/':
      return {*at, 1};
    case 'b':
      return {'\b', 1};
    case 'f':
      return {'\f', 1};
    case 'n':
      return {'\n', 1};
    case 'r':
      return {'\r', 1};
    case 't':
      return {'\t', 1};
    case 'u':
      break;
    default:
      return {};
  }
  const int unit = code_unit(at + 1, end);
  if (unit < 0) return {};
  if (is_low(unit)) return {unit, 5, true};
  if (!is_high(unit)) return {unit, 5};
  const int low = end - at >= 11 && at[5] == '\\' && at[6] == 'u' ? code_unit(at + 7, end) : -1;
  if (!is_low(low)) return {unit, 5, true};
  return {0x10000 + (unit - 0xd800) * 0x400 + (low - 0xdc00), 11};
}

int utf8_size(int code_point) noexcept {
  if (code_point < 0x80) return 1;
  if (code_point < 0x800) return 2;
  return code_point < 0x10000 ? 3 : 4;
}

void append_utf8(std::string& out, int code_point) {
  const auto byte = [&](int value) { out += static_cast<char>(value); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xc0 | code_point >> 6), byte(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    byte(0xe0 | code_point >> 12), byte(0x80 | (code_point >> 6 & 0x3f)), byte(0x80 | (code_point & 0x3f));
  } else {
    byte(0xf0 | code_point >> 18), byte(0x80 | (code_point >> 12 & 0x3f));
    byte(0x80 | (code_point >> 6 & 0x3f)), byte(0x80 | (code_point & 0x3f));
  }
}

const char* find_backslash(const char* at, const char* end) noexcept {
  const void* found = at == end ? nullptr : std::memchr(at, '\\', static_cast<std::size_t>(end - at));
  return found == nullptr ? end : static_cast<const char*>(found);
}

const char* skip_digits(const char* at, const char* end) noexcept {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

}  // namespace

bool Text::measure() noexcept {
  const char* at = raw.data();
  const char* const stop = at + raw.size();
  size = static_cast<std::int64_t>(raw.size());
  for (at = find_backslash(at, stop); at != stop; at = find_backslash(at, stop)) {
    const Escape escape = read_escape(at + 1, stop);
    if (escape.code_point < 0) return false;
    escaped = true;
    lone_surrogate |= escape.lone;
    size += utf8_size(escape.code_point) - 1 - escape.length;
    at += 1 + escape.length;
  }
  return true;
}

void append_unescaped(std::string& out, const Text& text) {
  if (!text.escaped) return void(out.append(text.raw));
  const char* at = text.raw.data();
  const char* const end = at + text.raw.size();
  while (at != end) {
    const char* backslash = find_backslash(at, end);
    out.append(at, backslash);
    if (backslash == end) return;
    const Escape escape = read_escape(backslash + 1, end);
    if (escape.code_point < 0) return;
    append_utf8(out, escape.lone ? 0xfffd : escape.code_point);
    at = backslash + 1 + escape.length;
  }
}

std::string_view unescaped(const Text& text, std::string& scratch) {
  if (!text.escaped) return text.raw;
  scratch.clear();
  append_unescaped(scratch, text);
  return scratch;
}

bool is_number(std::string_view token) noexcept {
  const char* at = token.data();
  const char* const end = at + token.size();
  if (at != end && *at == '-') ++at;
  if (at == end || !is_digit(*at)) return false;
  at = *at == '0' ? at + 1 : skip_digits(at, end);
  if (at != end && *at == '.') {
    const char* fraction = at + 1;
    at = skip_digits(fraction, end);
    if (at == fraction) return false;
  }
  if (at != end && (*at | 0x20) == 'e') {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* exponent = at;
    at = skip_digits(exponent, end);
    if (at == exponent) return false;
  }
  return at == end;
}

std::optional<std::int64_t> to_integer(std::string_view token) noexcept {
  std::int64_t value = 0;
  const char* const end = token.data() + token.size();
  const auto [stopped, error] = std::from_chars(token.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> to_whole(std::string_view token) noexcept {
  std::int64_t value = 0;
  const char* const end = token.data() + token.size();
  const auto [stopped, error] = std::from_chars(token.data(), end, value);
  if (error != std::errc()) return std::nullopt;
  if (stopped == end) return value;
  const bool whole = *stopped == '.' && std::all_of(stopped + 1, end, [](char c) { return c == '0'; });
  return whole ? std::optional(value) : std::nullopt;
}

}  // namespace gateway::json
