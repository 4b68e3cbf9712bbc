// Whole gateways played over virtual time: what simulate() and replay() are made of.
#pragma once

#include <functional>
#include <vector>

#include "sim/play/played_upstream.h"
#include "sim/play/player.h"
#include "sim/play/request.h"

namespace gateway::sim {

struct Play {
  Config config{};
  std::uint64_t seed = 1;
  WallTime start{};
  std::vector<const Change*> changes{};  // in the order of time
  std::vector<std::string> scripted{};   // providers whose answers `decide` makes, whatever their type is
  Requests next{};
  Decide decide{};
  std::function<void(const Player&, Duration now)> on_answer{};
  std::function<void(const Row&)> on_row{};  // closed ones
};

// Returns when the last answer had come. Errors: a configuration that cannot work; a project that there is not.
Result<Duration> play(const Play& play);

}  // namespace gateway::sim
