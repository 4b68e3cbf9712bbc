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
Result<std::vector<operations::Budget>> remote_budgets(const RemoteFlags& remote,
                                                       const std::optional<std::string>& project, Session& session);
// The project that the key is of. Errors: invalid (there is no --url, or it is the
// administration's token, which is of none).
Result<std::string> own_project(const RemoteFlags& remote, Session& session);
Result<operations::ProjectView> remote_project(const RemoteFlags& remote, const std::string& name, Session& session);
// Entries of the list of projects, as JSON: each alone.
operations::ProjectView project_view_of(const std::string& json);
// `counted`: the names under which refusals of the query's model are counted.
Result<std::vector<operations::Cause>> remote_causes(const RemoteFlags& remote, const operations::WhyQuery& query,
                                                     const std::string& since, const std::vector<std::string>& counted,
                                                     Session& session);
// Where a request would go, as JSON, and what would refuse it: "429 rate_limit_exceeded: ..."; absent: nothing.
struct RemoteExplanation {
  std::string json;
  std::string route;  // its pattern; empty: none
  std::optional<std::string> refusal;
};
struct RemoteQuestion {
  std::string project, model, endpoint;  // model empty: the body's
  std::string body{};                    // empty: a short one is assumed
};
Result<RemoteExplanation> remote_explanation(const RemoteFlags& remote, const RemoteQuestion& question,
                                             Session& session);
}  // namespace gateway::app
