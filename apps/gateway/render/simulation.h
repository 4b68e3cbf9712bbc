// What came of a simulation: for people, for programs, for CI, and as a picture.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "gateway/simulate.h"

namespace gateway::app {

struct PlayedScenario {
  std::string file, name;
  std::uint64_t seed = 1;
  sim::Outcome outcome;
};

void print_simulation(std::ostream& out, const PlayedScenario& played, bool colour);
std::string simulation_json(const PlayedScenario& played);
std::string simulations_junit(const std::vector<PlayedScenario>& played);
std::string simulation_svg(const PlayedScenario& played);

}  // namespace gateway::app
