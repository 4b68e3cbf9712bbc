// Enumerators and their names, if the enumerators count from zero.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace gateway {

// Empty: the value is none of them.
template <std::size_t N, class Enum>
constexpr std::string_view name_of(const std::array<std::string_view, N>& names, Enum value) noexcept {
  const auto i = static_cast<std::size_t>(value);
  return i < N ? names[i] : std::string_view{};
}

template <std::size_t N, class Enum>
constexpr bool value_of(const std::array<std::string_view, N>& names, std::string_view text, Enum& out) noexcept {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return out = static_cast<Enum>(i), true;
  }
  return false;
}

}  // namespace gateway
