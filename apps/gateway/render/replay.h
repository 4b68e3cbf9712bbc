// What a changed configuration would have made of recorded traffic.
#pragma once

#include <iosfwd>
#include <string>

#include "gateway/replay.h"

namespace gateway::app {

void print_replay(std::ostream& out, const sim::Replayed& replayed);
std::string replay_json(const sim::Replayed& replayed);

}  // namespace gateway::app
