// Reading configuration text in tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/yaml_config.h"
#include "support/catch.h"

using Variables = std::map<std::string, std::string>;

inline gateway::Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

// Each mistake as a user sees it.
inline std::vector<std::string> mistakes_of(std::string_view yaml, const Variables& variables = {}) {
  std::vector<std::string> lines;
  for (const auto& mistake : gateway::read_config_text(yaml, "f", environment_of(variables)).mistakes) {
    lines.push_back(mistake.to_string());
  }
  return lines;
}

inline gateway::Config good(std::string_view yaml, const Variables& variables = {}) {
  gateway::ConfigReading reading = gateway::read_config_text(yaml, "f", environment_of(variables));
  for (const auto& mistake : reading.mistakes) FAIL_CHECK(mistake.to_string());
  return std::move(reading.config);
}
