// Stands in for the files of the dashboard in a program that is built without it.
#include "app/dashboard/assets.h"

namespace gateway::app {

std::span<const DashboardAsset> dashboard_assets() noexcept { return {}; }

}  // namespace gateway::app
