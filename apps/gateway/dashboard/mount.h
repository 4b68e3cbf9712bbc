// The dashboard at /dashboard/: files that anyone may read, since they say nothing. What they show comes from the
// administration, which asks for its token.
#pragma once

#include <span>

#include "app/dashboard/assets.h"
#include "app/server/mount.h"

namespace gateway::app {

// The front page of a server without a configuration leads to the dashboard.
Mount front_mount(std::span<const DashboardAsset> assets = dashboard_assets());

// `assets` outlive the server. Without an admin token, and without assets, the paths do not exist.
Mount dashboard_mount(std::span<const DashboardAsset> assets = dashboard_assets());

}  // namespace gateway::app
