#include "app/unpriced_targets.h"

#include <fmt/format.h>

#include <algorithm>

#include "proxy/snapshot.h"

namespace gateway::app {
namespace {

bool is_priced(const Snapshot& snapshot, const RouteConfig& route, const TargetConfig& target) {
  if (target.prices && target.prices->known()) return true;
  const Provider& provider = *snapshot.provider(target.provider);
  if (provider.config.type == ProviderType::openrouter) return true;  // by its list, or by its own figures
  if (snapshot.catalogue(provider) == nullptr) return false;
  const bool any_model = target.model.empty() && route.pattern.ends_with('*');
  const std::string& model = target.model.empty() ? route.pattern : target.model;
  return any_model || snapshot.prices(target, provider, model).prices != nullptr;
}

// The first project with a cap that may use the route and refuses what has no price; null: none.
const ProjectConfig* capped_project(const Config& config, const RouteConfig& route) {
  const auto found = std::find_if(config.projects.begin(), config.projects.end(), [&](const ProjectConfig& project) {
    return !project.spend.caps.empty() && !project.spend.allow_unpriced && allows(project.models, route.pattern);
  });
  return found == config.projects.end() ? nullptr : &*found;
}

}  // namespace

std::vector<ConfigMistake> unpriced_targets(const ConfigReading& reading) {
  std::vector<ConfigMistake> found;
  const auto snapshot = make_snapshot(reading.config, {}, {}, [](const std::string&) { return nullptr; });
  if (!snapshot) return found;
  for (const RouteConfig& route : reading.config.routes) {
    const ProjectConfig* project = capped_project(reading.config, route);
    for (std::size_t i = 0; project != nullptr && i < route.targets.size(); ++i) {
      if (is_priced(**snapshot, route, route.targets[i])) continue;
      found.push_back(reading.at(
          {"models", route.pattern, "targets", std::to_string(i)},
          fmt::format("target {} of model '{}' has no known price, so the cap of project '{}' refuses its requests; "
                      "expected 'prices', or 'unpriced: allow' in the project's 'spend'",
                      i + 1, route.pattern, project->name)));
    }
  }
  return found;
}

}  // namespace gateway::app
