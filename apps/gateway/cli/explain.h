// Why a request would go where it goes: the gateway's own decisions, made without sending anything.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/project_view.h"
#include "app/database.h"
#include "gateway/result.h"
#include "gateway/tenants.h"
#include "policy/pricing/hold.h"
#include "proxy/snapshot.h"
#include "wire/openai/error_body.h"

namespace gateway::app {

// The configuration as a server on that database would see it now: its projects and the price lists that were kept.
// `store` may be null. A price list that is damaged is told of on the session's `err`.
Result<std::shared_ptr<const Snapshot>> make_snapshot_of(const Workspace& workspace, Tenants* stored, Session& session);

struct ExplainQuery {
  std::string project;
  std::string model;  // empty: the body's
  Operation operation = Operation::chat;
  std::optional<std::string> body;  // absent: a short one
  WallTime now{};
};

struct ExplainedTarget {
  const TargetConfig* target = nullptr;  // the snapshot's
  std::string model;                     // as the provider would be asked
  PriceInForce price;                    // the snapshot's
  HoldPlan plan;
  std::string rejected;  // why not; empty: it would be tried, in its turn
};

struct Explanation {
  std::shared_ptr<const Snapshot> snapshot;  // keeps what the targets point to
  std::string model;
  const RouteConfig* route = nullptr;  // null: none
  bool readable = false;               // the body; else only `refusal` says something
  bool allowed = false;                // by the project's allow-list
  std::int64_t input_bound = 0;        // tokens
  std::int64_t tokens = 0;             // charged against tokens_per_minute
  std::vector<ExplainedTarget> targets;
  std::optional<ApiError> refusal;  // what the client would get; absent: a target would be tried
};

// `caps` in the order of the project's. Health of targets, and what of rate limits is used, only a running server
// knows.
Explanation explain(std::shared_ptr<const Snapshot> snapshot, const ProjectConfig& project,
                    const std::vector<CapState>& caps, const ExplainQuery& query);

}  // namespace gateway::app
