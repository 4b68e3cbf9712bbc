// Making an API key: for `gateway key`, and for the server's first start.
#pragma once

#include <optional>
#include <string>

#include "gateway/tenancy.h"
#include "operations/keys.h"

namespace gateway::app {

// From the system: nobody can guess it.
operations::KeyRandom key_random();

operations::NewKey make_key(const std::string& project, const std::string& name, WallTime now,
                            std::optional<WallTime> expires);

}  // namespace gateway::app
