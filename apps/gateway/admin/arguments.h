// What a call of the administration says, as the flags of the command that does it. Every value is written as
// --flag=value, so that none can pass for a flag of its own. Errors: invalid, "name: expected ...".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/result.h"

namespace gateway::app {

using Arguments = std::vector<std::string>;

// a=b&c=d; only `known` names, each once. A `limit` is 1 to 10,000.
Result<Arguments> query_arguments(std::string_view query, std::span<const std::string_view> known);

struct ProjectArguments {
  std::string name;  // empty: not given
  Arguments flags;
};
// {"name", "models", "limits": {...}, "mode", "timezone", "unpriced", "spend": [{"cap", "period", "warn"}]}: all
// optional, in the shape in which projects are shown; null lifts a limit, `spend` replaces all caps.
Result<ProjectArguments> project_arguments(const std::string& body);
// {"project", "name", "expires"}
Result<Arguments> key_arguments(const std::string& body);

}  // namespace gateway::app
