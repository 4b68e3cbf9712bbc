#include "base/decimal.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::int64_t kFarthestExponent = 1'000'000'000'000'000;

std::string_view take_digits(std::string_view& text) noexcept {
  const std::size_t n = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

bool take_one_of(std::string_view& text, std::string_view set, char* taken = nullptr) noexcept {
  if (text.empty() || set.find(text.front()) == std::string_view::npos) return false;
  if (taken) *taken = text.front();
  text.remove_prefix(1);
  return true;
}

bool take_exponent(std::string_view& text, std::int64_t& exponent) noexcept {
  char sign = '+';
  take_one_of(text, "+-", &sign);
  const std::string_view digits = take_digits(text);
  for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kFarthestExponent);
  if (sign == '-') exponent = -exponent;
  return !digits.empty();
}

}  // namespace

std::optional<Decimal> read_decimal(std::string_view text) noexcept {
  Decimal d;
  char sign = '+';
  take_one_of(text, "+-", &sign);
  d.negative = sign == '-';
  d.whole = take_digits(text);
  if (d.whole.empty()) return std::nullopt;
  if (take_one_of(text, ".")) {
    d.fraction = take_digits(text);
    if (d.fraction.empty()) return std::nullopt;
  }
  if (take_one_of(text, "eE") && !take_exponent(text, d.exponent)) return std::nullopt;
  if (!text.empty()) return std::nullopt;
  return d;
}

}  // namespace gateway
