// Which web pages of other origins may read answers (the Fetch standard, "HTTP-network-or-cache fetch", CORS protocol).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/headers.h"

namespace gateway::app {

// The value for access-control-allow-origin; empty: the origin may not.
std::string_view allowed_origin(const std::vector<std::string>& allowed, std::string_view origin) noexcept;

// Fields of an answer, and of an answer to a preflight with those request fields. Views into the arguments and
// literals.
std::vector<HeaderField> cors_fields(std::string_view allowed_origin);
std::vector<HeaderField> preflight_fields(std::string_view allowed_origin, HeaderSpan request);

}  // namespace gateway::app
