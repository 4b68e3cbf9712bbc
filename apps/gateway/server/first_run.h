// What a server without a configuration file makes for itself when it starts for the first time.
#pragma once

#include <optional>
#include <string>

#include "gateway/result.h"
#include "gateway/store.h"

namespace gateway::app {

// Makes the project "default" with a key, unless it is there. Gives the key's text, to be shown this once.
Result<std::optional<std::string>> make_default_project(Store& store, WallTime now);

// What to tell whoever started it.
std::string welcome(const std::string& address, const std::string& key);

}  // namespace gateway::app
