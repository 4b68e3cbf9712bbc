#include "app/server/cors.h"

namespace gateway::app {

std::string_view allowed_origin(const std::vector<std::string>& allowed, std::string_view origin) noexcept {
  if (origin.empty()) return {};
  for (const std::string& each : allowed) {
    if (each == "*") return "*";
    if (equal_ignoring_case(each, origin)) return origin;
  }
  return {};
}

std::vector<HeaderField> cors_fields(std::string_view origin) {
  return {
      {"access-control-allow-origin", origin},
      {"access-control-expose-headers",
       "x-request-id, x-client-request-id, openai-processing-ms, retry-after, retry-after-ms, x-should-retry, "
       "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
       "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, "
       "x-gateway-provider, x-gateway-model, x-gateway-attempts, x-gateway-overhead-us, x-gateway-cost"},
      {"vary", "origin"},
  };
}

std::vector<HeaderField> preflight_fields(std::string_view origin, HeaderSpan request) {
  const std::string_view asked = header_value(request, "access-control-request-headers");
  return {
      {"access-control-allow-origin", origin},
      {"access-control-allow-methods", "GET, HEAD, POST, DELETE, OPTIONS"},
      {"access-control-allow-headers", asked.empty() ? "authorization, content-type" : asked},
      {"access-control-max-age", "7200"},
      {"vary", "origin, access-control-request-headers"},
  };
}

}  // namespace gateway::app
