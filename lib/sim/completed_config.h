// A configuration for a test, with what it leaves out.
#pragma once

#include "gateway/config.h"

namespace gateway::testing {

// A provider that only targets name is added, as OpenAI-compatible one at http://NAME.example/v1; a project `demo` if
// there is none. No list of models is fetched.
Config completed(Config config);

}  // namespace gateway::testing
