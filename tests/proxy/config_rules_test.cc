// An embedder's configuration is held to the rules of the file's.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

Result<std::unique_ptr<Core>> core_of(const Config& config, MemoryStore& store) {
  const ManualTimer timer;
  return Core::create({.config = config, .store = &store, .now = timer.now(), .wall = timer.wall()});
}

ProjectConfig named(const char* name) {
  ProjectConfig project;
  project.name = name;
  return project;
}

std::vector<Config> unsound() {
  std::vector<Config> configs(6, test_config());
  configs[0].providers.push_back(configs[0].providers.front());
  configs[1].projects.push_back(named("a b"));
  configs[2].projects.push_back(named("negative"));
  configs[2].projects.back().limits.concurrent = -1;
  configs[3].projects.push_back(named("twice"));
  configs[3].projects.back().spend.caps = {{Money::dollars(1), Period::day, {}}, {Money::dollars(2), Period::day, {}}};
  configs[4].projects.push_back(named("berlin"));
  configs[4].projects.back().spend.timezone = "Europe/Berlin";
  configs[5].timeouts.idle = std::chrono::milliseconds(-1);
  return configs;
}

TEST_CASE("a core is not made of a configuration that the file's rules refuse", "[proxy][config]") {
  for (const Config& config : unsound()) {
    MemoryStore store;
    const auto core = core_of(config, store);
    REQUIRE_FALSE(core);
    CHECK(core.error().code == ErrorCode::invalid);
    CHECK_FALSE(core.error().detail.empty());
  }
}

TEST_CASE("nor does a running one take it: the old one stays in force", "[proxy][config]") {
  MemoryStore store;
  auto core = core_of(test_config(), store);
  REQUIRE(core);
  for (const Config& config : unsound()) CHECK((*core)->reload(config).error().code == ErrorCode::invalid);
  CHECK((*core)->reload(test_config()));
}

}  // namespace
