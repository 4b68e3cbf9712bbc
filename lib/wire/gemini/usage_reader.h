// Reads a usage object. For .cc files of this folder.
#pragma once

#include <simdjson.h>

#include "wire/gemini/usage.h"

namespace gateway::gemini {

// `usageMetadata`: replaces what was there if it counts anything.
void read_usage(const simdjson::dom::object& json, AnswerUsage& usage);

}  // namespace gateway::gemini
