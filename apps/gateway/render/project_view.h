// A project as it is shown.
#pragma once

#include <string>
#include <vector>

#include "app/render/json.h"
#include "app/render/table.h"
#include "operations/projects.h"

namespace gateway::app {

// "600 requests/min, 50 at a time"; "25/month"; empty for none.
std::string limits_text(const LimitsConfig& limits);
std::string caps_text(const SpendConfig& spend);

std::vector<Column> project_columns();
std::vector<Cell> project_cells(const operations::ProjectView& view);
json::Object cap_object(const operations::CapState& state);
std::string limits_json(const LimitsConfig& limits);
std::string project_json(const operations::ProjectView& view);
// As lines of text.
std::string project_text(const operations::ProjectView& view);

}  // namespace gateway::app
