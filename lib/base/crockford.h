// Crockford's base 32 for 128 bits: 26 digits, upper case, that sort as the bytes do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gateway {

inline constexpr std::size_t kCrockfordDigits = 26;

void write_crockford(const std::array<std::uint8_t, 16>& bytes, std::span<char, kCrockfordDigits> out) noexcept;
// Takes either case. False, and `out` as it was, for anything but 26 digits of at most 128 bits.
bool read_crockford(std::string_view digits, std::array<std::uint8_t, 16>& out) noexcept;

}  // namespace gateway
