#include "wire/json/tame.h"

#include <algorithm>
#include <charconv>

namespace gateway::json {
namespace {

constexpr std::size_t kUnicodeEscape = 6;  // \ud83d
constexpr std::size_t kMostDigits = 18;    // of a whole number that fits in any case
constexpr std::string_view kNumber = "+-.eE0123456789";

enum class Half { none, high, low };

// Which half of a surrogate pair the escape at `at` is.
Half half_at(std::string_view json, std::size_t at) noexcept {
  const std::string_view escape = json.substr(std::min(at, json.size()), kUnicodeEscape);
  if (escape.size() < kUnicodeEscape || !escape.starts_with("\\u")) return Half::none;
  unsigned code = 0;
  std::from_chars(escape.data() + 2, escape.data() + kUnicodeEscape, code, 16);
  if (code >= 0xd800 && code < 0xdc00) return Half::high;
  return code >= 0xdc00 && code < 0xe000 ? Half::low : Half::none;
}

// Appends the escape at `at`; returns where the next character begins.
std::size_t append_escape(std::string& out, std::string_view json, std::size_t at) {
  const Half half = half_at(json, at);
  if (half == Half::none) return out.append(json.substr(at, 2)), at + 2;
  if (half == Half::high && half_at(json, at + kUnicodeEscape) == Half::low) {
    return out.append(json.substr(at, 2 * kUnicodeEscape)), at + 2 * kUnicodeEscape;
  }
  return out.append("\\ufffd"), at + kUnicodeEscape;
}

// A whole number of many digits, or an exponent of three, may be out of range.
bool may_not_fit(std::string_view number) noexcept {
  const std::size_t exponent = number.find_first_of("eE");
  if (exponent != number.npos) {
    const std::size_t digits = number.find_first_not_of("+-0", exponent + 1);
    return number.size() > 100 || (digits != number.npos && number.size() - digits > 2);
  }
  return number.find('.') == number.npos ? number.size() > kMostDigits : number.size() > 100;
}

}  // namespace

std::string tamed(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (in_string && c == '\\') {
      at = append_escape(out, json, at);
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (!in_string && (c == '-' || (c >= '0' && c <= '9'))) {
      const std::size_t end = std::min(json.find_first_not_of(kNumber, at), json.size());
      const std::string_view number = json.substr(at, end - at);
      out.append(may_not_fit(number) ? "null" : number);
      at = end;
      continue;
    }
    out += c;
    ++at;
  }
  return out;
}

}  // namespace gateway::json
