// A mean that forgets: for the expected output and cost of a project's requests to a model. Lock-free.
#pragma once

#include <atomic>
#include <cstdint>

namespace gateway {

class RunningMean {
 public:
  // Weights the newest value with 1/16; the first value is the mean itself.
  void add(std::int64_t value) noexcept;
  std::int64_t value_or(std::int64_t none) const noexcept;

 private:
  std::atomic<std::int64_t> scaled_{-1};  // mean * 16; -1: none yet
};

}  // namespace gateway
