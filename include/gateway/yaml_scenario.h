// Scenarios as files: see docs/simulate.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/simulate.h"
#include "gateway/yaml_config.h"

namespace gateway {

struct ScenarioReading {
  sim::Scenario scenario;
  std::vector<ConfigMistake> mistakes;  ///< of the scenario's file, or of a configuration's; empty: it can be played
};

/// Reads the configuration at a path, which is relative to nothing else. Variables come from the scenario alone.
using ConfigLoader = std::function<ConfigReading(const std::string& path, const Environment& environment)>;

/// `config`: the configuration to play instead of the one that the scenario names. Variables of a configuration that
/// the scenario does not set are no mistakes: to play it needs no secrets.
ScenarioReading read_scenario_file(const std::string& path, const std::optional<std::string>& config = {},
                                   const ConfigLoader& load = read_config_file);
/// Paths in it are relative to the folder of `file_name`.
ScenarioReading read_scenario_text(std::string_view yaml, const std::string& file_name,
                                   const std::optional<std::string>& config = {},
                                   const ConfigLoader& load = read_config_file);
/// All keys of the file with what they expect, their defaults and meanings, as Markdown.
std::string scenario_reference();

}  // namespace gateway
