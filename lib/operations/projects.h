// Projects: list, show, create, change, delete.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/tenancy.h"
#include "operations/deployment.h"

namespace gateway::operations {

// One cap in its current period.
struct CapState {
  SpendCap cap;
  WallTime resets_at{};  // zero: never
  MoneySum spent, held;
  MoneySum remaining() const { return MoneySum(cap.cap) - spent - held; }
};
// In the order of the project's caps. Without a store nothing was spent.
Result<std::vector<CapState>> cap_states(const ProjectConfig& project, Store* store, WallTime now);

struct ProjectView {
  ProjectConfig project;
  std::string source;   // the file or database that defines it
  std::string version;  // differs whenever the project's own settings do: to notice that another has changed it
  std::vector<CapState> caps;
  int line = 0;  // in the file, from 1; 0: not known
};

struct ProjectList {
  std::vector<ProjectView> projects;  // by name
  std::size_t all = 0;                // how many there are, on all pages
  std::optional<std::string> next;    // the cursor of what follows; none: this was the end
};

// What a project becomes; what is absent stays as it is.
struct ProjectChange {
  using Limit = std::optional<std::int64_t>;  // none: there is none any more
  struct Cap {
    std::optional<Period> period;  // absent: all caps, which only removing them can mean
    std::optional<Money> cap;      // absent: remove it
  };
  struct TimeZone {
    std::string name;
    Zone zone;  // of that name
  };
  std::optional<std::vector<std::string>> models;  // empty: it may use all
  std::optional<Limit> requests_per_minute, tokens_per_minute, concurrent, max_output_tokens;
  std::vector<Cap> caps;                     // one after another
  std::optional<std::vector<int>> warnings;  // percent, in order: of all caps
  std::optional<SpendMode> mode;
  std::optional<TimeZone> timezone;
  std::optional<bool> allow_unpriced;
};

struct ProjectWrite {
  std::string name;
  ProjectChange change;
  std::optional<std::string> if_version{};  // change it only if it still has this one
};

std::string version_of(const ProjectConfig& project);
void apply(const ProjectChange& change, ProjectConfig& project);
// The configuration file is the authority for what it defines. Errors: refused.
Result<void> expect_changeable(const Deployment& deployment, std::string_view name);

Result<ProjectList> list_projects(const Deployment& deployment, const Page& page);
Result<ProjectView> show_project(const Deployment& deployment, std::string_view name);
// Errors: invalid (the name), exists, refused.
Result<ProjectView> create_project(const Deployment& deployment, const ProjectWrite& request);
// Applied to what is stored by then, even if another changes it meanwhile. Errors: conflict (it has another version).
Result<ProjectView> set_project(const Deployment& deployment, const ProjectWrite& request);
// Its keys are revoked, its rows stay in the ledger.
Result<void> delete_project(const Deployment& deployment, std::string_view name);

}  // namespace gateway::operations
