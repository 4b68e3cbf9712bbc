#include "operations/models.h"

#include <utility>

#include "policy/routing/router.h"

namespace gateway::operations {

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
