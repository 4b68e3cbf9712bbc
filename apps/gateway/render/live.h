// Models, budgets, limits in use, health and the process, as JSON.
#pragma once

#include <string>

#include "operations/budgets.h"
#include "operations/live.h"
#include "operations/models.h"
#include "operations/system.h"

namespace gateway::app {

std::string model_json(const ListedModel& model, const operations::PriceSource& source);
std::string budget_json(const operations::Budget& budget);
std::string limits_view_json(const ProjectLimitsView& view);
std::string staged_json(const StagedShare& share);
std::string system_json(const operations::SystemAnswer& answer);
std::string health_json(const operations::HealthAnswer& answer);

}  // namespace gateway::app
