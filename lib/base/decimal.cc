#include "base/decimal.h"

#include <algorithm>

#include "base/text_cursor.h"

namespace gateway {
namespace {

constexpr std::int64_t kFarthestExponent = 1'000'000'000'000'000;

std::int64_t read_exponent(TextCursor& in) noexcept {
  char sign = '+';
  in.take("+-", &sign);
  const std::string_view digits = in.digits();
  if (digits.empty()) in.fail();
  std::int64_t exponent = 0;
  for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kFarthestExponent);
  return sign == '-' ? -exponent : exponent;
}

}  // namespace

std::optional<Decimal> read_decimal(std::string_view text) noexcept {
  TextCursor in(text);
  Decimal d;
  char sign = '+';
  in.take("+-", &sign);
  d.negative = sign == '-';
  d.whole = in.digits();
  if (d.whole.empty()) return std::nullopt;
  if (in.take(".")) {
    d.fraction = in.digits();
    if (d.fraction.empty()) return std::nullopt;
  }
  if (in.take("eE")) d.exponent = read_exponent(in);
  return in.done() ? std::optional(d) : std::nullopt;
}

}  // namespace gateway
