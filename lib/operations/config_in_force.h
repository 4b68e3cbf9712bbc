// The configuration that a gateway runs with, without what must not be shown.
#pragma once

#include <string>
#include <string_view>

#include "operations/deployment.h"

namespace gateway::operations {

// Replaces a secret that is set.
inline constexpr std::string_view kHidden = "***";

struct ConfigInForce {
  std::string path;      // of the file; empty: there is none
  std::string database;  // that is used, which a flag may have chosen
  Config config;
};

// Tokens, keys, the values of providers' header fields, and user names and passwords in URLs are kHidden if they are
// set.
ConfigInForce config_in_force(const Deployment& deployment);

}  // namespace gateway::operations
