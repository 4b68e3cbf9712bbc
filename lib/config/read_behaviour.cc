#include <fmt/format.h>

#include <algorithm>

#include "config/scalars.h"
#include "config/scenario_scalars.h"
#include "config/scenario_sections.h"
#include "config/sections.h"

namespace gateway {
namespace {

constexpr Key kBehaviourKeys[] = {
    {"latency", scalars::kLatencyExpected, "300ms", "Until its answers begin: always so long, uniform, or lognormal."},
    {"tokens_per_second", "a whole number from 0 to 1000000", "0",
     "How fast the output comes from then on. 0: at once."},
    {"errors", "a mapping from statuses to shares such as {503: 5%}", "",
     "How many of its answers are errors, in all at most 100%."},
    {"retry_after", "a duration such as 250ms, 2s, 10m or 1h", "", "Sent with its 429 and 503, in whole seconds."},
    {"breaks", scalars::kShareExpected, "0%", "How many of its answers break off halfway."},
    {"outage", "none, refused, hanging, stalled or lost", "none",
     "`refused`: no connection is made, which takes as long as `latency` says. `hanging`: nothing ever comes. "
     "`stalled`: answers begin and never go on. "
     "`lost`: connections break once the request is sent."},
    {"only_key", "text", "", "The one credential that it takes; requests with any other are answered with 401."},
};

constexpr Key kProviderOnlyKeys[] = {
    {"phases", "a list of mappings", "",
     "When it behaves otherwise: what a phase does not say is as outside of it; of several that cover an instant the "
     "last one wins."},
};

constexpr Key kPhaseKeys[] = {
    {"from", "a duration such as 250ms, 2s, 10m or 1h", "0s", "After the scenario's start."},
    {"until", "a duration such as 250ms, 2s, 10m or 1h", "", "Without it, to the end."},
};

constexpr Key kLatencyKeys[] = {
    {"median", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "", "Required. Half of them are faster."},
    {"p99", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "", "Required. One in a hundred is slower."},
};

void read_lognormal(Reading& reading, const yaml::Node& node, const std::string& name, sim::Latency& latency) {
  const Fields fields(reading, node, name, kLatencySection);
  const std::size_t before = reading.count();
  std::chrono::milliseconds median{0}, p99{0};
  fields.duration("median", median, std::chrono::milliseconds(1));
  fields.duration("p99", p99, std::chrono::milliseconds(1));
  if (reading.count() != before) return;
  if (!fields.has("median") || !fields.has("p99") || p99 < median)
    return reading.mistake(node.place, name + ": expected both median and p99, which is not less");
  latency = {sim::Latency::Shape::lognormal, median, p99};
}

void read_errors(const Fields& fields, std::vector<sim::ErrorShare>& errors) {
  const yaml::Entry* entry = fields.find("errors");
  if (entry == nullptr) return;
  Reading& reading = fields.reading();
  errors.clear();
  if (entry->value->kind != yaml::Kind::map) {
    if (entry->value->kind == yaml::Kind::null) return;
    return reading.unexpected(*entry->value, fields.where("errors"),
                              "a mapping from statuses to shares such as {503: 5%}",
                              yaml::describe(entry->value->kind));
  }
  std::int64_t all = 0;
  for (const yaml::Entry& each : entry->value->entries) {
    const auto status = scalars::whole(each.key);
    if (!status || *status < 400 || *status > 599) {
      reading.mistake(each.place, fmt::format("{}: expected a status from 400 to 599, found '{}'",
                                              fields.where("errors"), each.key));
      continue;
    }
    const auto share = reading.parsed(*each.value, fmt::format("{} of {}", each.key, fields.where("errors")),
                                      scalars::kShareExpected, scalars::millionths);
    if (share) errors.push_back({static_cast<int>(*status), *share}), all += *share;
  }
  if (all > sim::kAll) fields.mistake("errors", fields.where("errors") + ": the shares add up to more than 100%");
}

void read_behaviour(const Fields& fields, sim::Behaviour& behaviour) {
  if (const yaml::Entry* latency = fields.find("latency")) {
    if (latency->value->kind == yaml::Kind::map) {
      read_lognormal(fields.reading(), *latency->value, fields.where("latency"), behaviour.latency);
    } else {
      fields.get("latency", behaviour.latency, scalars::kLatencyExpected, scalars::latency);
    }
  }
  fields.whole("tokens_per_second", behaviour.tokens_per_second, 0, 1'000'000);
  read_errors(fields, behaviour.errors);
  std::chrono::milliseconds retry_after{0};
  fields.duration("retry_after", retry_after, std::chrono::milliseconds(0));
  if (fields.has("retry_after")) behaviour.retry_after = std::chrono::ceil<std::chrono::seconds>(retry_after);
  fields.get("breaks", behaviour.breaks, scalars::kShareExpected, scalars::millionths);
  static constexpr Word<sim::Outage> kOutages[] = {{"none", sim::Outage::none},
                                                   {"refused", sim::Outage::refused},
                                                   {"hanging", sim::Outage::hanging},
                                                   {"stalled", sim::Outage::stalled},
                                                   {"lost", sim::Outage::lost}};
  get_word(fields, "outage", behaviour.outage, kOutages);
  fields.text("only_key", behaviour.only_key);
}

}  // namespace

const Section kBehaviourSection{"providers.NAME", kProviderOnlyKeys, kBehaviourKeys,
                                "`NAME` is a provider of the configuration, or `NAME/MODEL` for one of its models "
                                "alone. One that is not named behaves as the defaults say."};
const Section kLatencySection{"providers.NAME.latency", kLatencyKeys};
const Section kPhaseSection{"providers.NAME.phases[]", kPhaseKeys, kBehaviourKeys};

void read_scripts(Reading& reading, const yaml::Node& node, const KnownNames& known,
                  std::vector<sim::ProviderScript>& scripts) {
  if (node.kind == yaml::Kind::scalar || node.kind == yaml::Kind::list)
    reading.unexpected(node, "'providers'", "a mapping from names to behaviours", yaml::describe(node.kind));
  for (const yaml::Entry& entry : node.entries) {
    sim::ProviderScript& script = scripts.emplace_back();
    const std::size_t slash = entry.key.find('/');
    script.provider = entry.key.substr(0, slash);
    if (slash != entry.key.npos) script.model = entry.key.substr(slash + 1);
    if (std::find(known.providers.begin(), known.providers.end(), script.provider) == known.providers.end())
      reading.mistake(entry.place,
                      fmt::format("under 'providers': expected {}, found '{}'", kProviderExpected, script.provider));
    const std::string name = "provider '" + entry.key + "'";
    const Fields fields(reading, *entry.value, name, kBehaviourSection);
    read_behaviour(fields, script.usual);
    const yaml::Entry* phases = fields.find("phases");
    if (phases == nullptr) continue;
    each_item(reading, *phases->value, fields.where("phases"), [&](const yaml::Node& item, std::size_t number) {
      sim::Phase& phase = script.phases.emplace_back();
      phase.behaviour = script.usual;
      const Fields each(reading, item, fmt::format("phase {} of {}", number, name), kPhaseSection);
      read_offset(each, "from", phase.from);
      read_offset(each, "until", phase.until);
      read_behaviour(each, phase.behaviour);
      if (phase.until <= phase.from) reading.mistake(item.place, each.name() + ": 'until' is not after 'from'");
    });
  }
}

}  // namespace gateway
