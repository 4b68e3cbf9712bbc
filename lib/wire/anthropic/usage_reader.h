// Reads a usage object. For .cc files of this folder.
#pragma once

#include <simdjson.h>

#include "wire/anthropic/usage.h"

namespace gateway::anthropic {

void merge_usage(const simdjson::dom::object& json, MessageUsage& usage);

}  // namespace gateway::anthropic
