// One request of a play, and where they come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "gateway/simulate.h"

namespace gateway::sim {

struct PlayedRequest {
  Duration at{0};
  const Traffic* traffic = nullptr;    // outlives the play
  std::int64_t input = 0, output = 0;  // tokens, as the provider reports them
  std::int64_t cached = 0;             // of the input, read from the provider's cache
  std::int64_t prompt = 0;             // tokens of text that are sent
  std::uint32_t record = 0;            // a replay's: which of the recorded requests
};

// The next request, in the order of time; false: there are no more.
using Requests = std::function<bool(PlayedRequest&)>;

}  // namespace gateway::sim
