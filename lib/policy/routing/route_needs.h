// What routes look at, by their configuration.
#pragma once

#include <string>
#include <vector>

#include "policy/routing/router.h"

namespace gateway {

RouteNeeds needs_of(const RouteConfig& route);
// Each once.
std::vector<std::string> headers_of(const std::vector<RouteConfig>& routes);

}  // namespace gateway
