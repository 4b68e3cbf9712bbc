// The health of providers' targets, and the limits in use: what only a running gateway knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/gateway.h"
#include "operations/deployment.h"
#include "operations/health_windows.h"

namespace gateway::operations {

// The gateway that runs, and the moment of its clock.
struct Live {
  const Core* core = nullptr;  // null: none runs here
  TimePoint now{};
};

struct ProviderHealth {
  std::string provider;
  bool is_usable = true;  // a target of it at least may be tried now
  std::vector<TargetHealthView> targets{};
};

struct HealthAnswer {
  CoreStats stats;
  std::vector<ProviderHealth> providers;  // by name
  RecentHealth recent{};                  // of all of them; without a store nothing is known
};

// Errors: unavailable (no gateway runs here).
Result<HealthAnswer> health(const Deployment& deployment, const Live& live);

struct LimitsQuery {
  std::optional<std::string> project;
  Page page{};
};

struct LimitsList {
  std::vector<ProjectLimitsView> projects;  // by name
  std::size_t all = 0;                      // how many there are, on all pages
  std::optional<std::string> next;
};

// Errors: unavailable (no gateway runs here); not_found (the project).
Result<LimitsList> list_limits(const Deployment& deployment, const Live& live, const LimitsQuery& query);

}  // namespace gateway::operations
