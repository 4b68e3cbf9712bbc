#include "app/admin/state_handlers.h"

#include <fmt/format.h>

#include "app/admin/opened.h"
#include "app/render/config.h"
#include "app/render/explanation.h"
#include "app/render/json.h"
#include "app/render/live.h"
#include "app/render/openapi.h"
#include "app/render/prices.h"
#include "app/render/reconciliation.h"
#include "chat/endpoint.h"
#include "operations/budgets.h"
#include "operations/config_in_force.h"
#include "operations/explain.h"
#include "operations/live.h"
#include "operations/models.h"
#include "operations/prices.h"
#include "operations/system.h"

namespace gateway::app {
namespace {

using operations::Id;

operations::Live live_of(const Asked& asked) { return asked.options.live ? asked.options.live() : operations::Live{}; }

Result<Handled> explain(const Asked& asked) {
  const auto project = asked.parameters.get("project");
  if (!project) return expected("project", "a project's name");
  operations::ExplainQuery query;
  query.project = *project;
  query.model = asked.parameters.get("model").value_or("");
  if (!asked.body.empty()) query.body = asked.body;
  if (query.model.empty() && !query.body) return expected("model", "a model's name, or a body that has one");
  query.now = asked.now;
  const std::string endpoint = asked.parameters.get("endpoint").value_or("chat");
  if (!parse(endpoint, query.operation))
    return expected("endpoint", fmt::format("chat, embeddings, images, speech ..., found '{}'", endpoint));
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto found = operations::explain(opened->deployment, catalogues_of(asked), query, live_of(asked));
  if (!found) return found.error();
  return Handled{explanation_json(*found, query.project, endpoint, asked.options.config->retry)};
}

Result<Handled> list_models(const Asked& asked) {
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto list = operations::list_models(opened->deployment, catalogues_of(asked),
                                            {asked.parameters.get("project"), asked.parameters.page()});
  if (!list) return list.error();
  std::vector<std::string> models;
  for (const ListedModel* model : list->models)
    models.push_back(model_json(*model, operations::price_source(*list->snapshot, model->id)));
  return page_of(json::list(models), models.size(), list->all, list->next);
}

Result<Handled> list_prices(const Asked& asked) {
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const Parameters& given = asked.parameters;
  const auto found = operations::list_prices(opened->deployment, catalogues_of(asked),
                                             {given.get("provider"), given.get("model"), given.page()});
  if (!found) return found.error();
  JsonList list(price_columns());
  for (const operations::ListedPrice& each : found->prices) list.listing().add(price_cells(each));
  return page_of(list.finish(), found->prices.size(), found->all, found->next);
}

Result<Handled> list_budgets(const Asked& asked) {
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto list =
      operations::list_budgets(opened->deployment, {asked.parameters.get("project"), asked.parameters.page()});
  if (!list) return list.error();
  std::vector<std::string> budgets;
  for (const operations::Budget& budget : list->budgets) budgets.push_back(budget_json(budget));
  return page_of(json::list(budgets), budgets.size(), list->all, list->next);
}

Result<Handled> show_health(const Asked& asked) {
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto answer = operations::health(opened->deployment, live_of(asked));
  if (!answer) return answer.error();
  return Handled{health_json(*answer)};
}

Result<Handled> show_system(const Asked& asked) {
  const operations::Deployment deployment{*asked.options.config, asked.options.config_path, asked.options.database,
                                          nullptr, asked.now};
  auto host = asked.options.host ? asked.options.host() : operations::Host{};
  const auto answer = operations::show_system(deployment, live_of(asked), std::move(host));
  if (!answer) return answer.error();
  return Handled{system_json(*answer)};
}

Result<Handled> list_limits(const Asked& asked) {
  const auto opened = open_to_read(asked);
  if (!opened) return opened.error();
  const auto list = operations::list_limits(opened->deployment, live_of(asked),
                                            {asked.parameters.get("project"), asked.parameters.page()});
  if (!list) return list.error();
  std::vector<std::string> projects;
  for (const ProjectLimitsView& view : list->projects) projects.push_back(limits_view_json(view));
  return page_of(json::list(projects), projects.size(), list->all, list->next);
}

Result<Handled> show_config(const Asked& asked) {
  return Handled{config_json(operations::config_in_force(
      {*asked.options.config, asked.options.config_path, asked.options.database, nullptr, asked.now}))};
}

}  // namespace

std::optional<Result<Handled>> handle_state(const Asked& asked) {
  switch (asked.operation.id) {
    case Id::explain:
    case Id::explain_body:
      return explain(asked);
    case Id::list_models:
      return list_models(asked);
    case Id::list_prices:
      return list_prices(asked);
    case Id::list_budgets:
      return list_budgets(asked);
    case Id::health:
      return show_health(asked);
    case Id::list_limits:
      return list_limits(asked);
    case Id::reconcile:
      return Handled{asked.options.reconciled ? reconciliation_json(asked.options.reconciled()) : json::null()};
    case Id::show_system:
      return show_system(asked);
    case Id::show_config:
      return show_config(asked);
    case Id::openapi:
      return Handled{openapi_json()};
    default:
      return std::nullopt;
  }
}

}  // namespace gateway::app
