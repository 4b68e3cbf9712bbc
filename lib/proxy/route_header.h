// How an answer's target was chosen, in a line: "fast; weighted; alpha/m=resting; beta/m=dispatched". Other
// models that the request names follow in the same form.
#pragma once

#include <string>

#include "chat/request_facts.h"
#include "policy/routing/router.h"
#include "proxy/decision.h"

namespace gateway {

// At most 1,024 bytes.
std::string route_header(const Router& router, const RequestFacts& facts, const Decision& decision);

}  // namespace gateway
