// What a hold depends on, gathered from a request and its project: the same for who admits and for who explains.
#pragma once

#include "gateway/config.h"
#include "policy/pricing/hold.h"
#include "wire/openai/request_reader.h"

namespace gateway {

// All but what the target adds: its price, its limit on output, and what a request to it is expected to cost.
HoldInput hold_input(Operation operation, const RequestFacts& facts, const ProjectConfig& project,
                     WallTime at) noexcept;

// What was held for, with the units that the request probably comes to in place of the most: the bill of an answer that
// does not count them.
Surcharges as_estimated(Surcharges held, const RequestFacts& facts) noexcept;

}  // namespace gateway
