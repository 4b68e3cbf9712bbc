// The two clocks that everything is timed by: one that only moves forward, and the calendar's.
#pragma once

#include <chrono>
#include <vector>

namespace gateway {

using Duration = std::chrono::nanoseconds;
/// Monotonic: limits, time-outs, windows.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// UTC: rows, periods of a spend cap. May jump.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// A time zone as data: from each instant on, this offset to UTC. Sorted by `from`; before the first, the first's
/// offset; empty means UTC. The configuration reader fills it from the system's zone data, so that the core reads no
/// file.
struct ZoneOffset {
  std::chrono::sys_seconds from;
  std::chrono::seconds offset{0};
  friend bool operator==(const ZoneOffset&, const ZoneOffset&) = default;
};
using Zone = std::vector<ZoneOffset>;

}  // namespace gateway
