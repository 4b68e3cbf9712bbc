// What routes look at, by their configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/routing/router.h"

namespace gateway {

// Where a head names a request's tags, with commas between them.
inline constexpr std::string_view kTagsHeader = "x-gateway-tags";

RouteNeeds needs_of(const RouteConfig& route);
// Each once.
std::vector<std::string> headers_of(const std::vector<RouteConfig>& routes);

}  // namespace gateway
