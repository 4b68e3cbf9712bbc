// Making an API key: for `gateway key`, and for the server's first start.
#pragma once

#include <optional>
#include <string>

#include "gateway/config.h"

namespace gateway::app {

struct NewKey {
  ApiKey key;
  std::string text;  // shown once; only its hash is in `key`
};
NewKey make_key(const std::string& project, const std::string& name, WallTime now, std::optional<WallTime> expires);

}  // namespace gateway::app
