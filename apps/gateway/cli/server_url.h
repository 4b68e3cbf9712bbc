// Where the server of a configuration is reached from this machine.
#pragma once

#include <optional>
#include <string>

#include "gateway/config.h"
#include "gateway/result.h"

namespace gateway::app {

// `url` without a last slash if it is given; else of the first address the configuration listens at.
// Errors: refused (it listens at a socket alone).
Result<std::string> server_url(const Config& config, const std::optional<std::string>& url);

}  // namespace gateway::app
