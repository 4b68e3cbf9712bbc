// What a request may cost at one target, and whether it may be sent there: the same for who dispatches and who
// explains.
#pragma once

#include <optional>
#include <string_view>

#include "policy/pricing/hold.h"
#include "proxy/snapshot.h"
#include "wire/openai/error_body.h"
#include "wire/openai/request_reader.h"

namespace gateway {

struct TargetPlan {
  std::string_view model;     // the provider's name for it
  PriceInForce price;         // of the dearest model that may answer
  HoldPlan holding;           // likewise
  bool names_models = false;  // the provider itself may let another model answer that the request names
  std::optional<ApiError> refusal;
};

// `model`: by which the client asks for the target, its own or one that may answer instead. `expected_cost`: of such
// requests, if it is known. Models that may answer instead are named to a provider that tries them itself, if it has a
// target for each of them by that very name; then the dearest is held.
TargetPlan plan_target(const Snapshot& snapshot, const ProjectConfig& project, Operation operation,
                       const RequestFacts& facts, std::string_view model, const TargetConfig& target,
                       std::optional<Money> expected_cost, WallTime at);

// Models that a request names beside its own, or presets in any of the names, that its project may not use. Nothing: it
// may use all of them.
std::optional<ApiError> refused_alternative(const Snapshot& snapshot, const ProjectConfig& project,
                                            const RequestFacts& facts);

}  // namespace gateway
