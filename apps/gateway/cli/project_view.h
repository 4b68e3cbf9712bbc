// A project as the commands show it.
#pragma once

#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/store.h"

namespace gateway::app {

// One cap in its current period.
struct CapState {
  SpendCap cap;
  WallTime resets_at{};  // zero: never
  MoneySum spent, held;
  MoneySum remaining() const { return MoneySum(cap.cap) - spent - held; }
};
// Without a store nothing was spent.
Result<std::vector<CapState>> cap_states(const ProjectConfig& project, Store* store, WallTime now);

// "600 rpm, 50 concurrent"; "25/month"; empty for none.
std::string limits_text(const LimitsConfig& limits);
std::string caps_text(const SpendConfig& spend);

// As JSON; `states` in the order of the project's caps.
// A short text that differs whenever the project's own settings do: to notice that another has changed it.
std::string version_of(const ProjectConfig& project);

std::string project_json(const ProjectConfig& project, const std::vector<CapState>& states);
// As lines of text.
std::string project_text(const ProjectConfig& project, const std::vector<CapState>& states, const std::string& source);

}  // namespace gateway::app
