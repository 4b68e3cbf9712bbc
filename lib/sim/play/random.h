// Random numbers that are the same on every machine: whole numbers alone, no floating point, no std:: distribution.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "gateway/simulate.h"
#include "sim/play/fixed_point.h"

namespace gateway::sim {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
  // A sequence of its own for each name, so that what is added to a scenario changes nothing else's.
  Random(std::uint64_t seed, std::string_view name) noexcept : state_(seed) {
    for (const char c : name) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    next();
  }

  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // From 0 to n - 1: the upper half of a product, whose bias for our small n is beyond notice.
  std::int64_t below(std::int64_t n) noexcept { return static_cast<std::int64_t>(scaled(next(), n)); }
  std::int64_t between(const Between& range) noexcept {
    return range.least + (range.most > range.least ? below(range.most - range.least + 1) : 0);
  }
  bool happens(std::int64_t millionths) noexcept { return millionths > 0 && below(kAll) < millionths; }

  // Exponential with mean 1, by comparing uniform numbers alone (von Neumann 1951).
  Fixed exponential() noexcept {
    for (std::int64_t whole = 0;; ++whole) {
      const std::uint64_t first = next();
      std::uint64_t last = first;
      bool odd = true;
      for (std::uint64_t u = next(); u < last; u = next()) last = u, odd = !odd;
      if (odd) return (whole << kFractionBits) + static_cast<Fixed>(first >> (64 - kFractionBits));
    }
  }
  // Normal with mean 0 and deviation 1, by rejection from the exponential (Kahn).
  Fixed normal() noexcept {
    for (;;) {
      const Fixed size = exponential();
      const Fixed off = size - kOne;
      if (exponential() < multiply(off, off) / 2) continue;
      return (next() >> 63) != 0 ? -size : size;
    }
  }

  Duration draw(const Latency& latency) noexcept {
    switch (latency.shape) {
      case Latency::Shape::fixed:
        break;
      case Latency::Shape::uniform:
        return Duration(between({latency.low.count(), latency.high.count()}));
      case Latency::Shape::lognormal: {
        // median * (p99 / median) ^ (z / 2.3263), 2.3263 being the normal distribution's 99th percentile.
        constexpr Fixed kNormalP99 = (Fixed{23263} << kFractionBits) / 10000;
        const Fixed octaves = divide(log2_of_ratio(latency.high.count(), latency.low.count()), kNormalP99);
        return Duration(times_power_of_2(latency.low.count(), multiply(octaves, normal())));
      }
    }
    return latency.low;
  }

 private:
  __extension__ using Wide = unsigned __int128;
  static std::uint64_t scaled(std::uint64_t u, std::int64_t n) noexcept {
    return static_cast<std::uint64_t>((static_cast<Wide>(u) * static_cast<std::uint64_t>(n)) >> 64);
  }

  std::uint64_t state_;
};

}  // namespace gateway::sim
