// What a server's administration answers, as the commands show it: read from its JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/remote.h"
#include "gateway/row.h"
#include "operations/budgets.h"
#include "operations/projects.h"
#include "operations/why.h"

namespace gateway::app {

// All rows of `path`, a list of rows with its query. Errors: as those of ask_remotely; protocol.
Result<std::vector<Row>> remote_rows(const RemoteFlags& remote, const std::string& path, Session& session);
Result<std::vector<operations::Budget>> remote_budgets(const RemoteFlags& remote, Session& session);
Result<operations::ProjectView> remote_project(const RemoteFlags& remote, const std::string& name, Session& session);
// Entries of the list of projects, as JSON: each alone.
operations::ProjectView project_view_of(const std::string& json);
Result<std::vector<operations::Cause>> remote_causes(const RemoteFlags& remote, const operations::WhyQuery& query,
                                                     const std::string& since, Session& session);
// Where a request would go, as JSON, and what would refuse it: "429 rate_limit_exceeded: ..."; absent: nothing.
struct RemoteExplanation {
  std::string json;
  std::optional<std::string> refusal;
};
Result<RemoteExplanation> remote_explanation(const RemoteFlags& remote, const std::string& project,
                                             const std::string& model, const std::string& endpoint, Session& session);
// A document as lines "name  value", deeper ones indented.
std::string outline(const std::string& json);

}  // namespace gateway::app
