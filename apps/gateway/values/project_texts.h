// What a project becomes, from the texts of flags.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/result.h"
#include "operations/projects.h"

namespace gateway::app {

// As entered; what was omitted changes nothing. "none" removes a limit, the caps or the list of models.
struct ProjectTexts {
  std::vector<std::string> models, caps, warnings;
  std::optional<std::string> requests_per_minute, tokens_per_minute, concurrent, max_output_tokens;
  std::optional<std::string> period, mode, timezone, unpriced;
};

// Nothing was entered.
bool is_empty(const ProjectTexts& texts);

// Errors: invalid, naming the flag.
Result<operations::ProjectChange> read_project_change(const ProjectTexts& texts);

}  // namespace gateway::app
