// How an answer's target was chosen, in a line: "fast; weighted; alpha/m=resting; beta/m=dispatched".
#pragma once

#include <string>

#include "gateway/route.h"
#include "proxy/decision.h"

namespace gateway {

// At most 1,024 bytes.
std::string route_header(const RouteConfig& route, const Decision& decision);

}  // namespace gateway
