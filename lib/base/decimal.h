// Decimal text as JSON numbers have it, taken apart but not yet valued.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gateway {

struct Decimal {
  bool negative = false;
  std::string_view whole;     // digits before the point, at least one
  std::string_view fraction;  // digits after it, maybe none
  // Stopped at +-10^15, far beyond what any text of digits can make up for.
  std::int64_t exponent = 0;

  std::size_t digits() const noexcept { return whole.size() + fraction.size(); }
  int digit(std::size_t i) const noexcept { return (i < whole.size() ? whole[i] : fraction[i - whole.size()]) - '0'; }
  // The power of ten of digit i.
  std::int64_t power(std::size_t i) const noexcept {
    return static_cast<std::int64_t>(whole.size()) - 1 - static_cast<std::int64_t>(i) + exponent;
  }
};

// [+-] digits [. digits] [e [+-] digits], and nothing else.
std::optional<Decimal> read_decimal(std::string_view text) noexcept;

}  // namespace gateway
