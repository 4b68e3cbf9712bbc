// A hash of integer columns, for tables in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gateway::sqlite {

struct ColumnHash {
  template <std::size_t N>
  std::size_t operator()(const std::array<std::int64_t, N>& columns) const noexcept {
    std::uint64_t hash = 0x9e3779b97f4a7c15;
    for (const std::int64_t column : columns) {
      hash = (hash ^ static_cast<std::uint64_t>(column)) * 0xff51afd7ed558ccd;
      hash ^= hash >> 32;
    }
    return static_cast<std::size_t>(hash);
  }
};

}  // namespace gateway::sqlite
