// "1 row", "2 rows".
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

namespace gateway::app {

// `plural`, if it is not `thing` with an s.
template <std::integral Count>
std::string counted(Count count, std::string_view thing, std::string_view plural = {}) {
  if (count == 1) return fmt::format("1 {}", thing);
  return plural.empty() ? fmt::format("{} {}s", count, thing) : fmt::format("{} {}", count, plural);
}

}  // namespace gateway::app
