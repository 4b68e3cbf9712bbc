// Targets whose requests a spend cap refuses, because nobody knows what they cost.
#pragma once

#include <vector>

#include "gateway/yaml_config.h"

namespace gateway::app {

// A warning for each, at its place in the file. What a provider's own list says, which is fetched later, counts as
// known.
std::vector<ConfigMistake> unpriced_targets(const ConfigReading& reading);

}  // namespace gateway::app
