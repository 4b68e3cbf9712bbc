// One GET from a provider, waited for: for commands.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "gateway/result.h"
#include "providers/provider.h"

namespace gateway::app {

enum class Credential : bool { api_key, management_key };

// The body of a 200 answer. Errors: unreachable and the like; refused for any other status, which the detail names;
// timeout when it is asked to stop.
Result<std::string> provider_get(const std::shared_ptr<const Provider>& provider, std::string_view path,
                                 Credential credential, const std::stop_token& stop = {});

}  // namespace gateway::app
