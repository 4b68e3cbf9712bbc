#include "operations/models.h"

#include <utility>

#include "policy/routing/router.h"

namespace gateway::operations {
namespace {

Catalogue list_of(const std::string& model, const Prices& prices) {
  Catalogue list;
  CatalogueModel& only = list.models.emplace_back();
  only.id = model;
  only.prices = prices;
  list.index();
  return list;
}

}  // namespace

PriceSource price_source(const Snapshot& snapshot, const std::string& model) {
  PriceSource out;
  const RouteConfig* route = snapshot.router.find(model);
  if (route == nullptr || route->targets.empty()) return out;
  const TargetConfig& target = route->targets.front();
  const Provider* provider = snapshot.provider(target.provider);
  if (provider == nullptr) return out;
  const std::string_view name = target_model(target, model);
  const PriceInForce price = snapshot.prices(target, *provider, name);
  out.version = price.version;
  const PriceInForce listed = snapshot.prices({}, *provider, name);
  const bool has_list = !provider->simulated && listed.prices != nullptr;  // what is simulated costs what one likes
  if (price.prices == nullptr || !has_list || price.version == listed.version) return out;
  const Catalogue here = list_of(model, *price.prices);
  out.differences = differences(&here, list_of(model, *listed.prices));
  if (!out.differences.empty()) out.list_version = listed.version;
  return out;
}

Result<ModelList> list_models(const Deployment& deployment, Catalogues catalogues, const ModelQuery& query) {
  std::vector<std::string> allowed;
  if (query.project) {
    auto project = find_project(deployment, *query.project);
    if (!project) return std::move(project).error();
    allowed = std::move(project->models);
  }
  auto snapshot = make_snapshot_of(deployment, std::move(catalogues));
  if (!snapshot) return std::move(snapshot).error();
  ModelList list;
  list.snapshot = std::move(*snapshot);
  const std::string& cursor = query.page.cursor;
  for (const ListedModel& model : list.snapshot->models) {
    if (!allows(allowed, model.id)) continue;
    ++list.all;
    if (!cursor.empty() && model.id <= cursor) continue;
    if (query.page.limit == 0 || list.models.size() < static_cast<std::size_t>(query.page.limit)) {
      list.models.push_back(&model);
    } else if (!list.next) {
      list.next = list.models.back()->id;
    }
  }
  return list;
}

}  // namespace gateway::operations
