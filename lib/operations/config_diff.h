// What differs between two configurations, in words.
#pragma once

#include <string>
#include <vector>

#include "gateway/config.h"

namespace gateway::operations {

enum class Changed : std::uint8_t { added, removed, changed };

struct ConfigDifference {
  Changed how = Changed::changed;
  std::string subject;   // "provider first"; empty: the configuration itself
  std::string name;      // of what is different of it; empty: all of it
  std::string was, now;  // empty: nothing, or a secret
  bool secret = false;   // neither of them is shown
};

// In the order of the new configuration; what only the old one has is last. No secret is in any of them: that one has
// changed is all that is said.
std::vector<ConfigDifference> config_differences(const Config& old_config, const Config& new_config);

// "provider first: API key: another one", "model fast: added".
std::string words_of(const ConfigDifference& difference);

}  // namespace gateway::operations
