// Money: an exact count of 10^-12 US dollars.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/result.h"

namespace gateway {

/// One amount: a price per token, a hold, a cost, a cap. 64 bits, so it fits an atomic; the range is about
/// +-9.2 million dollars. Arithmetic never wraps: plus, minus and times return nullopt when the result is out of range.
/// For sums over many amounts use MoneySum.
class Money {
 public:
  static constexpr std::int64_t kUnitsPerDollar = 1'000'000'000'000;
  static constexpr int kDecimals = 12;

  constexpr Money() noexcept = default;
  static constexpr Money units(std::int64_t pico_dollars) noexcept { return Money(pico_dollars); }
  /// Stops at the ends of the range.
  static constexpr Money dollars(std::int32_t d) noexcept {
    constexpr std::int64_t kMaxDollars = std::numeric_limits<std::int64_t>::max() / kUnitsPerDollar;
    if (d > kMaxDollars) return max();
    if (d < -kMaxDollars) return min();
    return Money(std::int64_t{d} * kUnitsPerDollar);
  }
  static constexpr Money max() noexcept { return Money(std::numeric_limits<std::int64_t>::max()); }
  static constexpr Money min() noexcept { return Money(std::numeric_limits<std::int64_t>::min()); }

  /// Decimal text with an optional sign, fraction and exponent, as JSON numbers have ("25", "0.00000015", "1.5e-7").
  /// Exact: more than 12 significant decimals, or a value out of range, is an error that reports it.
  static Result<Money> parse(std::string_view text);
  /// The same, but decimals past the twelfth are rounded half up (away from zero): for figures that others compute.
  static Result<Money> parse_rounded(std::string_view text);

  constexpr std::int64_t units() const noexcept { return units_; }
  constexpr bool is_zero() const noexcept { return units_ == 0; }
  constexpr bool is_negative() const noexcept { return units_ < 0; }

  std::optional<Money> plus(Money other) const noexcept;
  std::optional<Money> minus(Money other) const noexcept;
  std::optional<Money> times(std::int64_t count) const noexcept;
  /// As plus and times, but stops at the ends of the range instead.
  constexpr Money plus_saturated(Money other) const noexcept {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(units_, other.units_, &sum)) return Money(sum);
    return units_ < 0 ? min() : max();
  }
  constexpr Money times_saturated(std::int64_t count) const noexcept {
    std::int64_t product = 0;
    if (!__builtin_mul_overflow(units_, count, &product)) return Money(product);
    return (units_ < 0) == (count < 0) ? max() : min();
  }

  /// The shortest exact decimal: "0.00012345", "25", "-0.5". Never an exponent.
  std::string to_string() const;

  friend constexpr auto operator<=>(Money, Money) noexcept = default;

 private:
  explicit constexpr Money(std::int64_t units) noexcept : units_(units) {}
  std::int64_t units_ = 0;
};

/// A sum of any number of amounts: 128 bits, which 2^64 additions of the largest amount cannot overflow.
class MoneySum {
 public:
  constexpr MoneySum() noexcept = default;
  constexpr MoneySum(Money m) noexcept : sum_(m.units()) {}
  /// whole * 10^12 + rest: the two-column form that databases without 128-bit integers keep.
  static constexpr MoneySum of_parts(std::int64_t dollars, std::int64_t pico) noexcept {
    MoneySum s;
    s.sum_ = static_cast<Wide>(dollars) * Money::kUnitsPerDollar + pico;
    return s;
  }

  constexpr MoneySum& operator+=(MoneySum o) noexcept { return sum_ += o.sum_, *this; }
  constexpr MoneySum& operator-=(MoneySum o) noexcept { return sum_ -= o.sum_, *this; }
  friend constexpr MoneySum operator+(MoneySum a, MoneySum b) noexcept { return a += b; }
  friend constexpr MoneySum operator-(MoneySum a, MoneySum b) noexcept { return a -= b; }
  friend constexpr auto operator<=>(const MoneySum& a, const MoneySum& b) noexcept = default;

  /// Floor division parts: of_parts(dollars(), pico()) == *this and 0 <= pico() < 10^12.
  std::int64_t dollars() const noexcept;
  std::int64_t pico() const noexcept;
  bool is_negative() const noexcept { return sum_ < 0; }
  /// The sum as one amount, stopped at the ends of Money's range.
  Money to_money_saturated() const noexcept;
  std::string to_string() const;

 private:
  __extension__ using Wide = __int128;
  Wide sum_ = 0;
};

}  // namespace gateway
