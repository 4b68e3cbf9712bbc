// Providers that behave as a scenario says.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/play/played_upstream.h"
#include "sim/play/random.h"

namespace gateway::sim {

class Scripts {
 public:
  explicit Scripts(const Scenario& scenario);  // outlives it
  ProviderAnswer decide(const ProviderCall& call);

 private:
  struct Script {
    const ProviderScript* written;
    Random random;
  };
  Script& script_of(std::string_view provider, std::string_view model);

  std::uint64_t seed_;
  ProviderScript usual_;
  std::vector<Script> scripts_;
  std::map<std::string, Script, std::less<>> unwritten_;  // by provider
};

// When which behaviours begin and end, in words.
std::vector<Happening> phases_of(const Scenario& scenario);
std::string describe(const Behaviour& behaviour);

}  // namespace gateway::sim
