// Why a request would go where it goes: the gateway's own decisions, made without sending anything.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/result.h"
#include "operations/live.h"
#include "operations/projects.h"
#include "policy/pricing/hold.h"
#include "proxy/health_ref.h"
#include "proxy/snapshot.h"
#include "wire/openai/error_body.h"

namespace gateway::operations {

struct ExplainQuery {
  std::string project;
  std::string model;  // before the body's; empty: that one
  Operation operation = Operation::chat;
  std::optional<std::string> body;                             // absent: a short one
  std::string key{};                                           // by its id or name: for routes that look at it
  std::vector<std::pair<std::string, std::string>> headers{};  // likewise; names in lower case
  WallTime now{};
  TimePoint clock{};                    // the same moment, if targets were measured by it
  const HealthTable* health = nullptr;  // of a server that runs
};

struct ExplainedTarget {
  std::string asked;                     // the request's own model, or another that it names
  const TargetConfig* target = nullptr;  // the snapshot's
  std::string model;                     // as the request to the provider would have it
  PriceInForce price;                    // the snapshot's
  HoldPlan plan;
  std::string rejected;  // why not; empty: it would be tried, in its turn
  // What a server that runs knows of it.
  std::chrono::milliseconds rests_for{0};    // by its health; zero: not at all
  std::chrono::milliseconds first_event{0};  // mean time until an answer's; zero: none was seen lately
  std::int64_t in_flight = 0;
  Outlier outlier = Outlier::none;            // it is tried after the others, which do far better
  std::chrono::milliseconds last_for{0};      // how long yet
  std::chrono::milliseconds hedged_after{0};  // without an event; zero: it is not, or too little is known of it yet
};

struct Explanation {
  std::shared_ptr<const Snapshot> snapshot;  // keeps what the targets point to
  std::string model;
  const RouteConfig* route = nullptr;    // null: none
  bool readable = false;                 // the body; else only `refusal` is set
  bool allowed = false;                  // by the project's allow-list
  std::int64_t input_bound = 0;          // tokens
  std::int64_t tokens = 0;               // charged against tokens_per_minute
  std::vector<ExplainedTarget> targets;  // in the order of their turns, then those that do not fit
  std::optional<ApiError> refusal;       // what the client would get; absent: a target would be tried
};

// `caps` in the order of the project's. What is used of rate limits is not looked at.
Explanation explain(std::shared_ptr<const Snapshot> snapshot, const ProjectConfig& project,
                    const std::vector<CapState>& caps, const ExplainQuery& query);

// As a server on that database would decide now, with its projects and these price lists; as the one that runs here
// would, if one does. Errors: not_found (the project), refused (a provider or route that cannot work).
Result<Explanation> explain(const Deployment& deployment, Catalogues catalogues, const ExplainQuery& query,
                            const Live& live = {});

}  // namespace gateway::operations
