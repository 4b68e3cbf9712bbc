// Whether one target may be tried now, in the contract's order: price and hold, what its provider has a place for, its
// breaker, the spend caps, the budget of retries, room in the journal. What was taken on the way is returned if a
// later step refuses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "policy/limits/spend.h"
#include "proxy/attempt.h"
#include "proxy/decision.h"
#include "proxy/exchange_request.h"
#include "proxy/project_state.h"
#include "proxy/snapshot.h"
#include "proxy/worker.h"

namespace gateway {

// Why a target was not tried, by how soon the same request may succeed.
enum class Hope : std::uint8_t { none, never, next_period, resting, soon };

struct Admission {
  Considered::Outcome outcome = Considered::Outcome::dispatched;
  // Of one that is admitted: written, and ready to start with this hold.
  std::unique_ptr<Attempt> attempt;
  SpendHold hold;
  // Of one that is not: what the client would be answered if no other is. None: others decide.
  Hope hope = Hope::none;
  std::optional<ApiError> error;
};

struct AdmissionInput {
  GatewayWorker& worker;
  AttemptEvents& events;
  const Snapshot& snapshot;
  const Project& project;
  ExchangeRequest& request;
  std::string_view model;  // by which the target is asked for
  const TargetConfig& target;
  TargetPace& pace;  // the target's
  std::optional<Money> expected_cost;
  bool is_first = true;  // no attempt of this exchange was made before
};
// Leaves the request for the provider in the worker's `outgoing`: an admitted attempt is to be started at once.
Admission admit(const AdmissionInput& input);

// When the target may be tried again, so far as its health is concerned.
TimePoint usable_from(GatewayWorker& worker, const Snapshot& snapshot, const Project& project,
                      const TargetConfig& target, std::string_view model);

}  // namespace gateway
