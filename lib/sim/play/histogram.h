// How long things took, of any number of them: counts by size, a sixteenth of an octave each.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "gateway/time.h"

namespace gateway::sim {

class Histogram {
 public:
  void add(Duration took) noexcept {
    ++counts_[slot_of(took)];
    ++count_;
  }
  // What `percent` of them were not above, rounded up to the end of its slot: at most a sixteenth too much. Zero if
  // there are none.
  Duration percentile(int percent) const noexcept {
    const std::int64_t rank = (count_ * percent + 99) / 100;
    std::int64_t seen = 0;
    for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
      seen += counts_[slot];
      if (seen >= rank && seen > 0) return end_of(slot);
    }
    return Duration::zero();
  }
  std::int64_t count() const noexcept { return count_; }

 private:
  static constexpr std::uint64_t kPart = 16;
  // In microseconds, with four bits after the leading one; those below 16 exactly.
  static std::size_t slot_of(Duration took) noexcept {
    const auto us = static_cast<std::uint64_t>(took.count() < 0 ? 0 : took.count() / 1000);
    if (us < kPart) return static_cast<std::size_t>(us);
    const auto octave = static_cast<unsigned>(std::bit_width(us)) - 5;
    return static_cast<std::size_t>((octave + 1) * kPart + (us >> octave) - kPart);
  }
  static Duration end_of(std::size_t slot) noexcept {
    const std::uint64_t octave = slot / kPart;
    const std::uint64_t us = octave == 0 ? slot : ((slot % kPart + kPart + 1) << (octave - 1)) - 1;
    return std::chrono::microseconds(static_cast<std::int64_t>(us));
  }

  std::array<std::int64_t, 48 * kPart> counts_{};  // up to years
  std::int64_t count_ = 0;
};

}  // namespace gateway::sim
