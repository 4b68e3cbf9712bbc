// The parts of a scenario's file, each read into its struct, as sections.h has those of a configuration.
#pragma once

#include <string>
#include <vector>

#include "config/fields.h"
#include "gateway/simulate.h"

namespace gateway {

extern const Section kScenarioSection, kTrafficSection, kBehaviourSection, kLatencySection, kPhaseSection,
    kChangeSection, kExpectSection, kNeverSection;

inline constexpr const Section* kScenarioSections[] = {&kScenarioSection, &kTrafficSection, &kBehaviourSection,
                                                       &kLatencySection,  &kPhaseSection,   &kChangeSection,
                                                       &kExpectSection,   &kNeverSection};

// The names that may be used: those of the configurations, and of the traffic above.
struct KnownNames {
  std::vector<std::string> projects, providers, traffic;
};
// A name under `key` that is none of `known` is a mistake.
void read_known(const Fields& fields, std::string_view key, std::string& out, const std::vector<std::string>& known,
                std::string_view expected);

inline constexpr const char* kProjectExpected = "the name of a project of the configuration";
inline constexpr const char* kProviderExpected = "the name of a provider of the configuration";

void read_offset(const Fields& fields, std::string_view key, Duration& out);
void read_scripts(Reading& reading, const yaml::Node& node, const KnownNames& known,
                  std::vector<sim::ProviderScript>& scripts);
void read_expectations(Reading& reading, const yaml::Node& node, const KnownNames& known,
                       std::vector<sim::Expectation>& expectations);
void read_nevers(Reading& reading, const yaml::Node& node, const KnownNames& known,
                 std::vector<sim::Expectation>& expectations);

// Calls `each(item, number from 1)`; what is no list is a mistake.
template <class Each>
void each_item(Reading& reading, const yaml::Node& node, std::string_view where, Each each) {
  if (node.kind != yaml::Kind::list) {
    if (node.kind != yaml::Kind::null) reading.unexpected(node, where, "a list of mappings", yaml::describe(node.kind));
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) each(*node.items[i], i + 1);
}

}  // namespace gateway
