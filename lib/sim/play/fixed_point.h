// Logarithms and powers in fixed point, which no compiler and no library of mathematics rounds differently.
#pragma once

#include <cstdint>

namespace gateway::sim {

using Fixed = std::int64_t;
inline constexpr int kFractionBits = 32;
inline constexpr Fixed kOne = Fixed{1} << kFractionBits;
__extension__ using WideFixed = __int128;

inline Fixed multiply(Fixed a, Fixed b) noexcept {
  return static_cast<Fixed>((static_cast<WideFixed>(a) * b) >> kFractionBits);
}
inline Fixed divide(Fixed a, Fixed b) noexcept { return static_cast<Fixed>(static_cast<WideFixed>(a) * kOne / b); }

// The binary logarithm of a / b, for 0 < b <= a: the fraction's bits by squaring.
inline Fixed log2_of_ratio(std::int64_t a, std::int64_t b) noexcept {
  Fixed whole = 0;
  WideFixed x = static_cast<WideFixed>(a) * kOne / b;
  while (x >= 2 * static_cast<WideFixed>(kOne)) x >>= 1, ++whole;
  Fixed fraction = 0;
  for (int bit = kFractionBits - 1; bit >= 0; --bit) {
    x = (x * x) >> kFractionBits;
    if (x < 2 * static_cast<WideFixed>(kOne)) continue;
    x >>= 1;
    fraction |= Fixed{1} << bit;
  }
  return (whole << kFractionBits) + fraction;
}

// n * 2^power, for 0 <= n; stops at an hour's worth of nanoseconds times 1000. The fraction by e^x's series.
inline std::int64_t times_power_of_2(std::int64_t n, Fixed power) noexcept {
  constexpr Fixed kLn2 = 2977044472;  // ln 2 * 2^32
  constexpr std::int64_t kMost = std::int64_t{3'600'000'000'000} * 1000;
  const Fixed whole = power >> kFractionBits;
  const Fixed x = multiply(power - (whole << kFractionBits), kLn2);
  Fixed sum = kOne, term = kOne;
  for (Fixed i = 1; term != 0; ++i) sum += term = multiply(term, x) / i;
  const WideFixed scaled = static_cast<WideFixed>(n) * sum;
  if (whole >= 40) return kMost;
  const int shift = kFractionBits - static_cast<int>(whole < -40 ? -40 : whole);
  const WideFixed out = shift >= 0 ? scaled >> shift : scaled << -shift;
  return out > kMost ? kMost : static_cast<std::int64_t>(out);
}

}  // namespace gateway::sim
