#include "wire/json/walk.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace gateway::json {
namespace {

constexpr std::size_t kSmallestParser = 16 * 1024;

// Keys are short, so eight bytes at a time and no call. What lies past `end` may be read: it is padding.
bool has_backslash(const char* at, const char* end) noexcept {
  static_assert(PaddedBuffer::kPadding >= sizeof(std::uint64_t) && std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  for (; at < end; at += sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= kOnes * '\\';
    // The high bit of each byte that is zero, and of none before the first of them.
    const std::uint64_t hits = (word - kOnes) & ~word & (kOnes << 7);
    if (hits != 0) return at + std::countr_zero(hits) / 8 < end;
  }
  return false;
}

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

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

bool Walk::start(const PaddedBuffer& json, char opens) {
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
  return at != end_ && *at == opens ? true : fail("it is not an object");
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
  if (!text.measure()) return fail("a string holds an escape that JSON does not know");
  text_bytes += text.size;
  return true;
}

// Between a key and its value simdjson has found a colon, and nothing else but white space.
bool Walk::key(const char* at, const char* value, Text& text) noexcept {
  const char* stop = value - 1;
  while (stop > at && *stop != ':') --stop;
  for (--stop; stop > at && is_space(*stop);) --stop;
  if (stop < at || *stop != '"') return fail("a string is not closed");
  text.raw = {at, static_cast<std::size_t>(stop - at)};
  if (has_backslash(at, stop)) {
    if (!measure(text)) return false;
  } else {
    text.size = stop - at;
    text_bytes += text.size;
  }
  sought_key.look_at(text);
  return true;
}

bool Walk::string(Value value, Text& text) {
  const std::string_view quoted = token(value);
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return fail("a string is not closed");
  // On-demand would take a string that is left untouched for a key when a colon follows.
  if (const auto code = value.get_raw_json_string().error()) return fail(code);
  text = Text{quoted.substr(1, quoted.size() - 2)};
  if (!measure(text)) return false;
  sought_value.look_at(text);
  return true;
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

bool Walk::text_into(Value value, std::string& out) {
  if (kind(value) != Kind::string) return skip(value);
  Text text;
  if (!string(value, text)) return false;
  out.clear();
  append_unescaped(out, text);
  return true;
}

bool Walk::integer_into(Value value, std::int64_t& out) {
  if (kind(value) != Kind::number) return skip(value);
  std::string_view digits;
  if (!number(value, digits)) return false;
  const auto figure = to_integer(digits);
  if (figure && *figure >= 0) out = *figure;
  return true;
}

bool Walk::decimal_into(Value value, std::string& out) {
  if (kind(value) != Kind::number) return text_into(value, out);
  std::string_view digits;
  if (!number(value, digits)) return false;
  out = digits;
  return true;
}

bool Walk::boolean_into(Value value, bool& out) {
  return kind(value) == Kind::boolean ? boolean(value, out) : skip(value);
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
