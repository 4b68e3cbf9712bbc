#include "operations/budgets.h"

#include <algorithm>
#include <utility>

#include "operations/page_start.h"
#include "operations/readings.h"

namespace gateway::operations {
namespace {

Result<std::vector<ProjectConfig>> wanted_projects(const Deployment& deployment, const BudgetQuery& query) {
  if (!query.project) return all_projects(deployment);
  auto project = find_project(deployment, *query.project);
  if (!project) return std::move(project).error();
  return std::vector<ProjectConfig>{std::move(*project)};
}

// The history of so many projects is read at a time: one scan serves them all, and takes some megabytes.
constexpr std::size_t kProjectsAtATime = 100;

// What budgets[first, end) will spend.
Result<void> add_forecasts(const Deployment& deployment, const std::vector<const Zone*>& zones, std::size_t first,
                           std::size_t end, std::vector<Budget>& budgets) {
  std::vector<std::string> projects;
  for (std::size_t i = first; i < end; ++i) {
    if (projects.empty() || budgets[i].project != projects.back()) projects.push_back(budgets[i].project);
  }
  auto histories = deployment.readings != nullptr
                       ? deployment.readings->forecast_history(*deployment.store, projects, deployment.now)
                       : deployment.store->quarter_costs(projects, deployment.now - kForecastHistory, deployment.now);
  if (!histories) return std::move(histories).error();
  for (std::size_t i = first; i < end; ++i) {
    const CapState& state = budgets[i].state;
    budgets[i].forecast = forecast({(*histories)[budgets[i].project], deployment.now, state.resets_at, *zones[i],
                                    state.cap.cap, state.spent, state.held});
  }
  return {};
}

// A project's budgets are in the same group.
Result<void> add_forecasts(const Deployment& deployment, const std::vector<const Zone*>& zones,
                           std::vector<Budget>& budgets) {
  if (deployment.store == nullptr) return {};
  for (std::size_t first = 0; first < budgets.size();) {
    std::size_t end = first, projects = 0;
    for (; end < budgets.size(); ++end) {
      if (end == first || budgets[end].project != budgets[end - 1].project) ++projects;
      if (projects > kProjectsAtATime) break;
    }
    if (auto done = add_forecasts(deployment, zones, first, end, budgets); !done) return done;
    first = end;
  }
  return {};
}

// A project has one cap for each period.
ElementNames names_of(const std::string& project, Period period) { return {project, std::string(to_string(period))}; }

}  // namespace

Result<BudgetList> list_budgets(const Deployment& deployment, const BudgetQuery& query) {
  PageStart start(query.page.cursor);
  const auto projects = wanted_projects(deployment, query);
  if (!projects) return projects.error();
  const std::size_t limit = query.page.limit == 0 ? SIZE_MAX : static_cast<std::size_t>(query.page.limit);
  BudgetList list;
  std::vector<const Zone*> zones;  // of each budget
  for (const ProjectConfig& project : *projects) {
    Result<std::vector<CapState>> states(std::vector<CapState>{});  // once one of them is shown
    for (std::size_t i = 0; i < project.spend.caps.size(); ++i) {
      ++list.all;
      if (!start.comes_after(names_of(project.name, project.spend.caps[i].period))) continue;
      if (list.budgets.size() == limit) {
        const Budget& last = list.budgets.back();
        if (!list.next) list.next = cursor_of(names_of(last.project, last.state.cap.period));
        continue;
      }
      if (states && states->empty()) states = cap_states(project, deployment.store, deployment.now);
      if (!states) return std::move(states).error();
      list.budgets.push_back({project.name, project.spend.mode, project.spend.timezone, std::move((*states)[i])});
      zones.push_back(&project.spend.zone);
    }
  }
  if (auto found = start.expect_found(); !found) return std::move(found).error();
  if (auto done = add_forecasts(deployment, zones, list.budgets); !done) return std::move(done).error();
  return list;
}

}  // namespace gateway::operations
