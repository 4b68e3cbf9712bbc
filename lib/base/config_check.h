// The rules that a configuration keeps, however it was made: the YAML reader and Core::create check the same ones.
#pragma once

#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/result.h"

namespace gateway {

struct ConfigFault {
  // Where in the file's terms: {"models", "fast", "targets", "0", "weight"}.
  std::vector<std::string> path;
  // One line: "'weight' in target 1 of model 'fast': expected a whole number from 1 to 1000000, found '0'".
  std::string message;
};

// All that is wrong; empty: nothing.
std::vector<ConfigFault> check_config(const Config& config);

// The first of them, and how many more there are.
Result<void> expect_sound(const Config& config);

// Its parts, appended to `faults`.
void check_providers(const std::vector<ProviderConfig>& providers, std::vector<ConfigFault>& faults);
void check_routes(const Config& config, std::vector<ConfigFault>& faults);
void check_projects(const std::vector<ProjectConfig>& projects, std::vector<ConfigFault>& faults);

}  // namespace gateway
