// The administration described as OpenAPI 3.1, from the table of operations.
#pragma once

#include <string>

namespace gateway::app {

std::string openapi_json();
// The same as YAML: docs/openapi.yaml.
std::string openapi_yaml();

}  // namespace gateway::app
