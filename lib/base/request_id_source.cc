#include "base/request_id_source.h"

#include <algorithm>
#include <chrono>

namespace gateway {
namespace {

constexpr std::uint64_t kMostMilliseconds = (std::uint64_t{1} << 48) - 1;

// SplitMix64's finalizer: numbers that are next to each other, as processes' may be, begin far apart.
std::uint64_t scatter(std::uint64_t n) noexcept {
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

std::uint64_t milliseconds_of(WallTime time) noexcept {
  const std::int64_t since_1970 = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::clamp(since_1970, std::int64_t{0}, std::int64_t{kMostMilliseconds}));
}

RequestId id_of(std::uint64_t since_1970, std::uint16_t worker, std::uint64_t low) noexcept {
  const std::uint64_t high = since_1970 << 16 | worker;
  RequestId id;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::size_t shift = 56 - 8 * i;
    id.bytes[i] = static_cast<std::uint8_t>(high >> shift);
    id.bytes[8 + i] = static_cast<std::uint8_t>(low >> shift);
  }
  return id;
}

}  // namespace

// Half the range is left to count in: no process lives that long.
RequestIdSource::RequestIdSource(std::uint16_t worker, std::uint64_t seed) noexcept
    : sequence_(scatter(seed) >> 1), worker_(worker) {}

RequestId RequestIdSource::next(WallTime now) noexcept {
  const std::uint64_t at_least = of_this_ >= kMostOfAMillisecond ? milliseconds_ + 1 : milliseconds_;
  const std::uint64_t stamp = std::min(std::max(milliseconds_of(now), at_least), kMostMilliseconds);
  of_this_ = stamp == milliseconds_ ? of_this_ + 1 : 1;
  milliseconds_ = stamp;
  return id_of(milliseconds_, worker_, ++sequence_);
}

RequestId first_id_of(WallTime time) noexcept { return id_of(milliseconds_of(time), 0, 0); }

}  // namespace gateway
