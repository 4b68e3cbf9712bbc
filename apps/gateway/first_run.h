// What a server without a configuration file makes for itself when it starts for the first time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/result.h"
#include "gateway/tenants.h"

namespace gateway::app {

// Makes the project "default" with a key, unless it is there. Gives the key's text, to be shown this once.
Result<std::optional<std::string>> make_default_project(Tenants& tenants, WallTime now);

// What whoever started it reads: the key, and how to try it at the first address, if it listens already.
std::string welcome(const std::vector<std::string>& addresses, const std::string& key);

}  // namespace gateway::app
