// The system's clocks.
#pragma once

#include <chrono>

#include "gateway/time.h"

namespace gateway::app {

inline WallTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}
inline TimePoint monotonic_now() { return TimePoint(std::chrono::steady_clock::now()); }

}  // namespace gateway::app
