// The flags that shape a project, for `project create` and `project set`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/result.h"

namespace CLI {
class App;
}

namespace gateway::app {

// As given; what was not given changes nothing. "none" takes a limit, the caps or the list of models away.
struct ProjectFlags {
  std::vector<std::string> models, caps, warnings;
  std::optional<std::string> requests_per_minute, tokens_per_minute, concurrent, max_output_tokens;
  std::optional<std::string> period, mode, timezone, unpriced;
};
void add_flags(CLI::App& command, ProjectFlags& flags);

// Puts them onto a project. Errors: invalid, naming the flag.
Result<void> apply(const ProjectFlags& flags, ProjectConfig& project);

}  // namespace gateway::app
