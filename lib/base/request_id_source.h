// Where request ids come from: one source a worker.
#pragma once

#include <cstdint>

#include "gateway/row.h"

namespace gateway {

// Every id is greater than the one before it, also when the wall clock goes back: a millisecond has a bounded number of
// ids, and those that follow are of later ones. Ids of two workers of one process never meet; those of two processes do
// only if their seeds are the same.
class RequestIdSource {
 public:
  static constexpr int kMostOfAMillisecond = 256;

  RequestIdSource(std::uint16_t worker, std::uint64_t seed) noexcept;
  RequestId next(WallTime now) noexcept;

 private:
  std::uint64_t milliseconds_ = 0;
  int of_this_ = 0;  // ids that millisecond has
  std::uint64_t sequence_;
  std::uint16_t worker_;
};

// The smallest id of a request accepted in or after that millisecond.
RequestId first_id_of(WallTime time) noexcept;

}  // namespace gateway
