#include "gateway/money.h"

#include "base/decimal.h"

namespace gateway {
namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kQuotedBytes = 40;

Error not_money(std::string_view text, const char* why) {
  std::string quoted;
  for (const char c : text.substr(0, kQuotedBytes)) quoted += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > kQuotedBytes) quoted += "...";
  return Error{ErrorCode::invalid, "'" + quoted + "' " + why};
}

// The units of a decimal, without its sign. `inexact`: a digit past the last unit is not zero.
struct Magnitude {
  std::uint64_t units = 0;
  bool out_of_range = false;
  bool inexact = false;
};

Magnitude magnitude_of(const Decimal& d, bool round) {
  Magnitude m;
  const auto shift_in = [&m](int digit) {
    m.out_of_range |= __builtin_mul_overflow(m.units, std::uint64_t{10}, &m.units) ||
                      __builtin_add_overflow(m.units, static_cast<std::uint64_t>(digit), &m.units);
  };
  for (std::size_t i = 0; i < d.digits() && !m.out_of_range; ++i) {
    const std::int64_t power = d.power(i) + Money::kDecimals;
    if (power >= 0) {
      shift_in(d.digit(i));
    } else {
      m.inexact |= d.digit(i) != 0;
      if (round && power == -1 && d.digit(i) >= 5) m.out_of_range |= __builtin_add_overflow(m.units, 1U, &m.units);
    }
  }
  for (std::int64_t power = d.power(d.digits() - 1) + Money::kDecimals; power > 0 && m.units != 0 && !m.out_of_range;
       --power) {
    shift_in(0);
  }
  return m;
}

Result<Money> parse_money(std::string_view text, bool round) {
  const auto decimal = read_decimal(text);
  if (!decimal) return not_money(text, "is not a decimal number");
  const Magnitude m = magnitude_of(*decimal, round);
  const std::uint64_t most = static_cast<std::uint64_t>(kHighest) + (decimal->negative ? 1U : 0U);
  if (m.out_of_range || m.units > most) return not_money(text, "is out of range");
  if (m.inexact && !round) return not_money(text, "has more than 12 decimals");
  return Money::units(static_cast<std::int64_t>(decimal->negative ? 0U - m.units : m.units));
}

std::string decimal_text(bool negative, std::uint64_t fraction, UnsignedWide whole) {
  char buffer[64];
  char* const end = buffer + sizeof buffer;
  char* p = end;
  for (int i = 0; i < Money::kDecimals; ++i, fraction /= 10) *--p = static_cast<char>('0' + fraction % 10);
  char* last = end;
  while (last > p && last[-1] == '0') --last;
  if (last > p) *--p = '.';
  while (whole > ~std::uint64_t{0}) *--p = static_cast<char>('0' + static_cast<int>(whole % 10)), whole /= 10;
  auto rest = static_cast<std::uint64_t>(whole);
  do *--p = static_cast<char>('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (negative) *--p = '-';
  return std::string(p, last);
}

std::string decimal_text(Wide value) {
  constexpr auto kUnits = static_cast<UnsignedWide>(Money::kUnitsPerDollar);
  const auto magnitude = static_cast<UnsignedWide>(value < 0 ? UnsignedWide{0} - static_cast<UnsignedWide>(value)
                                                             : static_cast<UnsignedWide>(value));
  return decimal_text(value < 0, static_cast<std::uint64_t>(magnitude % kUnits), magnitude / kUnits);
}

std::int64_t saturate(Wide value) noexcept {
  if (value < kLowest) return kLowest;
  if (value > kHighest) return kHighest;
  return static_cast<std::int64_t>(value);
}

}  // namespace

Result<Money> Money::parse(std::string_view text) { return parse_money(text, false); }
Result<Money> Money::parse_rounded(std::string_view text) { return parse_money(text, true); }

std::optional<Money> Money::plus(Money other) const noexcept {
  std::int64_t sum;
  if (__builtin_add_overflow(units_, other.units_, &sum)) return std::nullopt;
  return units(sum);
}

std::optional<Money> Money::minus(Money other) const noexcept {
  std::int64_t difference;
  if (__builtin_sub_overflow(units_, other.units_, &difference)) return std::nullopt;
  return units(difference);
}

std::optional<Money> Money::times(std::int64_t count) const noexcept {
  std::int64_t product;
  if (__builtin_mul_overflow(units_, count, &product)) return std::nullopt;
  return units(product);
}

std::string Money::to_string() const {
  constexpr auto kUnits = static_cast<std::uint64_t>(kUnitsPerDollar);
  const std::uint64_t magnitude =
      units_ < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(units_) : static_cast<std::uint64_t>(units_);
  return decimal_text(units_ < 0, magnitude % kUnits, magnitude / kUnits);
}

std::int64_t MoneySum::dollars() const noexcept { return saturate((sum_ - pico()) / Money::kUnitsPerDollar); }

std::int64_t MoneySum::pico() const noexcept {
  const auto rest = static_cast<std::int64_t>(sum_ % Money::kUnitsPerDollar);
  return rest < 0 ? rest + Money::kUnitsPerDollar : rest;
}

Money MoneySum::to_money_saturated() const noexcept { return Money::units(saturate(sum_)); }
std::string MoneySum::to_string() const { return decimal_text(sum_); }

}  // namespace gateway
