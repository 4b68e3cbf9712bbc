#include <filesystem>
#include <fstream>

#include "config/support.h"
#include "support/source_dir.h"

using namespace gateway;

namespace {

const Variables kVariables{{"OPENROUTER_API_KEY", "sk-or-example"},
                           {"OPENAI_API_KEY", "sk-example"},
                           {"ANTHROPIC_API_KEY", "sk-example"},
                           {"GEMINI_API_KEY", "AIza-example"},
                           {"MISTRAL_API_KEY", "example"},
                           {"GROQ_API_KEY", "gsk-example"},
                           {"AZURE_OPENAI_API_KEY", "example"},
                           {"XAI_API_KEY", "xai-example"},
                           {"GATEWAY_ADMIN_TOKEN", "an-example-of-a-token"}};

// The blocks of a document that are marked as YAML: each is a complete configuration.
std::vector<std::string> configurations_in(const std::filesystem::path& document) {
  std::ifstream file(document);
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```yaml") {
      inside = true;
      blocks.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back() += line + '\n';
    }
  }
  return blocks;
}

}  // namespace

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

TEST_CASE("every configuration in the documents is without a mistake", "[config][examples]") {
  std::size_t blocks = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_dir() + "/docs")) {
    if (entry.path().extension() != ".md") continue;
    for (const std::string& block : configurations_in(entry.path())) {
      INFO(entry.path().string() << "\n" << block);
      CHECK_FALSE(good(block, kVariables).routes.empty());
      ++blocks;
    }
  }
  CHECK(blocks >= 3);
}
