#include <optional>
#include <string>

#include "fuzz/fuzz_target.h"
#include "gateway/yaml_config.h"

namespace gateway::fuzz {

// No text makes the reader fail in another way than by naming mistakes, each with its place.
void yaml_config(std::string_view input) {
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "SET" ? std::optional<std::string>("value") : std::nullopt;
  };
  const ConfigReading reading = read_config_text(input, "gateway.yaml", environment);
  for (const ConfigMistake& mistake : reading.mistakes) {
    require(mistake.line >= 0 && mistake.column >= 0, "a mistake has a place");
    require(!mistake.message.empty() && !mistake.to_string().empty(), "a mistake is told");
  }
}

}  // namespace gateway::fuzz
