#include <filesystem>

#include "config/support.h"

using namespace gateway;

TEST_CASE("every example file is without a mistake", "[config][examples]") {
  const Environment environment = environment_of({{"OPENROUTER_API_KEY", "sk-or-example"}});
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(GATEWAY_SOURCE_DIR "/examples")) {
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
