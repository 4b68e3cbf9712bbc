// Reads what the Core reports of this moment: for programs that query it, and for its metrics.
#pragma once

#include <vector>

#include "gateway/live_figures.h"
#include "proxy/health_ref.h"
#include "proxy/snapshot.h"

namespace gateway {

// All configured targets; those in trouble that the provider lists, where a route takes any name; and "*" for a
// provider if others of it are in trouble. By provider, then model.
std::vector<TargetHealthView> target_health(const Snapshot& snapshot, const HealthTable& health, TimePoint now);
// All projects, by name.
std::vector<ProjectLimitsView> project_limits(const Snapshot& snapshot, TimePoint now);

}  // namespace gateway
