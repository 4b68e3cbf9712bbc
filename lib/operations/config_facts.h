// A configuration as a list of plain facts, which can be compared and worded.
#pragma once

#include <string>
#include <vector>

#include "gateway/config.h"

namespace gateway::operations {

struct Fact {
  std::string subject;  // "provider first", "model fast"; empty: the configuration itself
  std::string name;     // "base URL"
  std::string value;    // as people write it; of a secret: nothing
  Secret secret{};      // compared, never shown
};

// In the order of the file's sections. Each subject has at least one fact, all of its own in a row.
std::vector<Fact> facts_of(const Config& config);

}  // namespace gateway::operations
