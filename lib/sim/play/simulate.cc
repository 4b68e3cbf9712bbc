#include "gateway/simulate.h"

#include <algorithm>

#include "base/names.h"
#include "sim/completed_config.h"
#include "sim/play/arrivals.h"
#include "sim/play/play.h"
#include "sim/play/scripts.h"
#include "sim/play/tally.h"

namespace gateway::sim {
namespace {

// Of the configuration and those it changes to, whether any has something.
template <class Has>
bool any_config(const Scenario& scenario, Has has) {
  return has(scenario.config) || std::any_of(scenario.changes.begin(), scenario.changes.end(),
                                             [&](const Change& change) { return has(change.config); });
}

Error unknown(const char* kind, const std::string& name) {
  return Error{ErrorCode::not_found,
               "no configuration of the scenario has the " + std::string(kind) + " '" + name + "'"};
}

Result<void> check_names(const Scenario& scenario) {
  const auto has_project = [&](const std::string& name) {
    return any_config(scenario, [&](const Config& config) {
      return std::any_of(config.projects.begin(), config.projects.end(),
                         [&](const ProjectConfig& project) { return project.name == name; });
    });
  };
  const auto has_provider = [&](const std::string& name) {
    return any_config(scenario, [&](const Config& config) {
      return std::any_of(config.providers.begin(), config.providers.end(),
                         [&](const ProviderConfig& provider) { return provider.name == name; });
    });
  };
  const auto has_model = [&](const std::string& name) {
    return any_config(scenario, [&](const Config& config) {
      return std::any_of(config.routes.begin(), config.routes.end(),
                         [&](const RouteConfig& route) { return names::matches(route.pattern, name); });
    });
  };
  const auto has_traffic = [&](const std::string& name) {
    return std::any_of(scenario.traffic.begin(), scenario.traffic.end(),
                       [&](const Traffic& traffic) { return traffic.name == name; });
  };
  for (const Traffic& traffic : scenario.traffic) {
    if (!traffic.project.empty() && !has_project(traffic.project)) return unknown("project", traffic.project);
    if (!has_model(traffic.model)) return unknown("model", traffic.model);
  }
  for (const ProviderScript& script : scenario.providers) {
    if (!has_provider(script.provider)) return unknown("provider", script.provider);
  }
  for (const Expectation& each : scenario.expectations) {
    const Filter& filter = each.filter;
    if (!filter.project.empty() && !has_project(filter.project)) return unknown("project", filter.project);
    if (!filter.model.empty() && !has_model(filter.model)) return unknown("model", filter.model);
    if (!filter.provider.empty() && !has_provider(filter.provider)) return unknown("provider", filter.provider);
    if (!filter.traffic.empty() && !has_traffic(filter.traffic))
      return Error{ErrorCode::not_found, "the scenario has no traffic '" + filter.traffic + "'"};
  }
  return {};
}

std::string described(const Change& change) {
  if (!change.share) return "reload of " + change.name;
  return change.name + " for " + std::to_string(change.share->percent) + " % of the " +
         std::string(to_string(change.share->of));
}

std::vector<Happening> happenings_of(const Scenario& scenario, const std::vector<const Change*>& changes) {
  std::vector<Happening> out = phases_of(scenario);
  for (const Change* change : changes) out.push_back({change->at, described(*change)});
  std::stable_sort(out.begin(), out.end(), [](const Happening& a, const Happening& b) { return a.at < b.at; });
  return out;
}

}  // namespace

Result<Outcome> simulate(const Scenario& written) {
  Scenario scenario = written;
  scenario.config = testing::completed(std::move(scenario.config));
  for (Change& change : scenario.changes) change.config = testing::completed(std::move(change.config));
  if (scenario.length <= Duration::zero()) return Error{ErrorCode::invalid, "the scenario has no length"};
  if (auto known = check_names(scenario); !known) return std::move(known).error();

  Play play;
  for (const Change& change : scenario.changes) play.changes.push_back(&change);
  std::stable_sort(play.changes.begin(), play.changes.end(),
                   [](const Change* a, const Change* b) { return a->at < b->at; });
  for (const ProviderScript& script : scenario.providers) play.scripted.push_back(script.provider);
  Arrivals arrivals(scenario);
  Scripts scripts(scenario);
  Tally tally(scenario);
  play.config = scenario.config;
  play.seed = scenario.seed;
  play.start = scenario.start;
  play.next = [&](PlayedRequest& request) { return arrivals.next(request); };
  play.decide = [&](const ProviderCall& call) { return scripts.decide(call); };
  play.on_answer = [&](const Player& player, Duration now) { tally.answer(player, now); };
  play.on_row = [&](const Row& row) { tally.row(row); };
  auto ended = sim::play(play);
  if (!ended) return std::move(ended).error();
  Outcome outcome = tally.outcome(*ended);
  outcome.happenings = happenings_of(scenario, play.changes);
  return outcome;
}

}  // namespace gateway::sim
