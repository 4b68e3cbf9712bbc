#include "policy/pricing/running_mean.h"

#include <algorithm>
#include <limits>

namespace gateway {
namespace {

constexpr std::int64_t kScale = 16;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kScale;

}  // namespace

void RunningMean::add(std::int64_t value) noexcept {
  const std::int64_t v = std::clamp<std::int64_t>(value, 0, kMost);
  std::int64_t old = scaled_.load(std::memory_order_relaxed);
  std::int64_t next;
  do {
    // Never past kMost * kScale: what is taken off is at least what kMost adds when the mean is there.
    next = old < 0 ? v * kScale : old - old / kScale + v;
  } while (!scaled_.compare_exchange_weak(old, next, std::memory_order_relaxed));
}

std::int64_t RunningMean::value_or(std::int64_t none) const noexcept {
  const std::int64_t scaled = scaled_.load(std::memory_order_relaxed);
  return scaled < 0 ? none : scaled / kScale;
}

}  // namespace gateway
