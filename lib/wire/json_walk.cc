#include "wire/json_walk.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace gateway::json {
namespace {

constexpr std::size_t kSmallestParser = 16 * 1024;

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

// What stands behind a backslash.
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

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

void append_unescaped(std::string& out, const Text& text) {
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

bool Walk::fail(simdjson::error_code code) noexcept {
  switch (code) {
    case simdjson::EMPTY:
      return fail("it is empty");
    case simdjson::UTF8_ERROR:
      return fail("it is not valid UTF-8");
    case simdjson::UNESCAPED_CHARS:
      return fail("a string holds a control character that is not escaped");
    case simdjson::UNCLOSED_STRING:
      return fail("a string is not closed");
    case simdjson::INCORRECT_TYPE:
      return fail("it is not an object");
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return fail("it breaks off, or something follows its end");
    case simdjson::CAPACITY:
      return fail("it is too large");
    case simdjson::MEMALLOC:
      return fail("there is no memory for it");
    default:
      return fail("a comma, a colon, a bracket or a quotation mark is missing or misplaced");
  }
}

bool Walk::start(const PaddedBuffer& json) {
  if (json.size() > parser_.capacity()) {
    std::size_t capacity = kSmallestParser;
    while (capacity < json.size()) capacity *= 2;
    if (const auto code = parser_.allocate(std::min(capacity, parser_.max_capacity()))) return fail(code);
  }
  end_ = json.data() + json.size();
  const simdjson::padded_string_view view(json.data(), json.size(), json.size() + PaddedBuffer::kPadding);
  if (const auto code = parser_.iterate(view).get(document_)) return fail(code);
  // A lone scalar has no end that on-demand would check.
  const char* at = json.data();
  while (at != end_ && is_space(*at)) ++at;
  return at != end_ && *at == '{' ? true : fail("it is not an object");
}

bool Walk::finish() noexcept {
  return document_.current_location().error() == simdjson::OUT_OF_BOUNDS ? true : fail("something follows its end");
}

const char* Walk::end_of_container() noexcept {
  const char* at = nullptr;
  if (document_.current_location().get(at) != simdjson::SUCCESS) at = end_;
  while (at[-1] != '}' && at[-1] != ']') --at;
  return at;
}

std::string_view Walk::token(Value& value) const noexcept {
  std::string_view token = value.raw_json_token();
  if (token.empty() || token.data() >= end_) return {};
  while (token.size() > 1 && is_space(token.back())) token.remove_suffix(1);
  return token;
}

Kind Walk::kind(Value& value) noexcept {
  switch (*begin(value)) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return Kind::number;
    default:
      return Kind::broken;
  }
}

// Stage 1 of simdjson has found the end of every string, control characters and bad UTF-8; escapes are left.
bool Walk::measure(Text& text) noexcept {
  const char* at = text.raw.data();
  const char* const end = at + text.raw.size();
  text.size = static_cast<std::int64_t>(text.raw.size());
  for (at = find_backslash(at, end); at != end; at = find_backslash(at, end)) {
    const Escape escape = read_escape(at + 1, end);
    if (escape.code_point < 0) return fail("a string holds an escape that JSON does not know");
    text.escaped = true;
    text.lone_surrogate |= escape.lone;
    text.size += utf8_size(escape.code_point) - 1 - escape.length;
    at += 1 + escape.length;
  }
  lone_surrogate |= text.lone_surrogate;
  text_bytes += text.size;
  return true;
}

bool Walk::key(const char* at, Text& text) noexcept {
  const char* stop = at;
  while (stop < end_ && *stop != '"') stop += *stop == '\\' ? 2 : 1;
  if (stop >= end_) return fail("a string is not closed");
  text.raw = {at, static_cast<std::size_t>(stop - at)};
  return measure(text);
}

bool Walk::string(Value value, Text& text) {
  const std::string_view quoted = token(value);
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return fail("a string is not closed");
  // On-demand would take a string that is left untouched for a key when a colon follows.
  if (const auto code = value.get_raw_json_string().error()) return fail(code);
  text = Text{quoted.substr(1, quoted.size() - 2)};
  return measure(text);
}

bool Walk::number(Value value, std::string_view& number) {
  number = token(value);
  return is_number(number) ? true : fail("a number is malformed");
}

bool Walk::boolean(Value value, bool& is_true) {
  const std::string_view literal = token(value);
  is_true = literal == "true";
  return is_true || literal == "false" ? true : fail("there is a word other than true, false and null");
}

bool Walk::null(Value value) {
  return token(value) == "null" ? true : fail("there is a word other than true, false and null");
}

bool Walk::skip(Value value) {
  switch (kind(value)) {
    case Kind::object:
      return object(value, [this](const Text&, Value member) { return skip(member); });
    case Kind::array:
      return array(value, [this](Value element) { return skip(element); });
    case Kind::string: {
      Text text;
      return string(value, text);
    }
    case Kind::number: {
      std::string_view digits;
      if (!number(value, digits)) return false;
      scalar_bytes += static_cast<std::int64_t>(digits.size());
      return true;
    }
    case Kind::boolean: {
      bool is_true = false;
      scalar_bytes += 5;
      return boolean(value, is_true);
    }
    case Kind::null:
      scalar_bytes += 4;
      return null(value);
    case Kind::broken:
      break;
  }
  return fail(simdjson::TAPE_ERROR);
}

}  // namespace gateway::json
