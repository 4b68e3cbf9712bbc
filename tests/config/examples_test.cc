#include <filesystem>
#include <fstream>

#include "config/support.h"
#include "support/source_dir.h"

using namespace gateway;

TEST_CASE("every example file is without a mistake", "[config][examples]") {
  const Environment environment = environment_of({{"OPENROUTER_API_KEY", "sk-or-example"}});
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() + "/examples")) {
    if (entry.path().extension() != ".yaml") continue;
    const ConfigReading reading = read_config_file(entry.path().string(), environment);
    for (const ConfigMistake& mistake : reading.mistakes) FAIL_CHECK(mistake.to_string());
    CHECK_FALSE(reading.config.providers.empty());
    CHECK_FALSE(reading.config.routes.empty());
    CHECK_FALSE(reading.config.projects.empty());
    ++files;
  }
  CHECK(files >= 3);
}

TEST_CASE("every configuration in the README is without a mistake", "[config][examples]") {
  std::ifstream readme(source_dir() + "/README.md");
  int blocks = 0;
  std::string block;
  bool inside = false;
  for (std::string line; std::getline(readme, line);) {
    if (line == "```yaml") {
      inside = true;
      block.clear();
    } else if (inside && line == "```") {
      inside = false;
      INFO(block);
      const Config config = good(block, {{"OPENROUTER_API_KEY", "sk-or-example"}, {"OPENAI_API_KEY", "sk-example"}});
      CHECK_FALSE(config.routes.empty());
      ++blocks;
    } else if (inside) {
      block += line + '\n';
    }
  }
  CHECK(blocks == 2);
}
