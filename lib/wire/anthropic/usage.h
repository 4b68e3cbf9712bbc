// What a message of Anthropic's says that it used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/row.h"

namespace gateway::anthropic {

// Its figures as they stand: `input` is without what was read from and written to caches. A stream reports them several
// times; each report replaces the figures that it has, and leaves the others as they were.
struct MessageUsage {
  std::optional<std::int64_t> input, cache_read, cache_write, cache_write_1h, output, thinking, searches;
  std::int64_t beside_input = 0, beside_output = 0;  // of steps that the figures above leave out: a compaction
  std::string service_tier;
  bool odd = false;  // some figure was negative, absurd or of a wrong type, or has another model's price

  bool any() const noexcept { return input || output; }
  // In our arithmetic.
  Usage total() const noexcept;
  // The part of total().cache_write that lives for an hour.
  std::int64_t hour_writes() const noexcept;
};

}  // namespace gateway::anthropic
