// JSON written as YAML, for documents that people read.
#pragma once

#include <string>

namespace gateway::app {

// In block style, members in their order; `json` is sound.
std::string yaml_of(const std::string& json);

}  // namespace gateway::app
