// The strategies that a configuration may name. Each permutes `order`, which holds places of candidates, best first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/strategy.h"

namespace gateway {

// So many first places are decided; candidates past them stay in the order of the list, however many there are.
inline constexpr std::size_t kRankedPlaces = 8;

// The point of a turn: successive ones divide the range by the golden ratio, so that every run of turns is spread
// evenly over it. `seed` shifts all of them.
constexpr std::uint64_t point_of(std::uint64_t turn, std::uint64_t seed) noexcept {
  return seed + turn * 0x9e3779b97f4a7c15u;
}

// The same by the root of two, for what is to be independent of the point.
constexpr std::uint64_t share_of(std::uint64_t turn, std::uint64_t seed) noexcept {
  return seed + turn * 0x6a09e667f3bcc909u;
}

std::string_view to_string(Strategy strategy) noexcept;  // as a configuration has it

void rank(Strategy strategy, std::span<const Candidate> candidates, const Draw& draw,
          std::span<std::uint8_t> order) noexcept;

}  // namespace gateway
