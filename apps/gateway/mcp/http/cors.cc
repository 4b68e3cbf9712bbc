#include "app/mcp/http/cors.h"

#include <algorithm>

namespace gateway::app::mcp {

std::string listed_origin(HeaderSpan headers, const std::vector<std::string>& listed) {
  const std::string_view origin = header_value(headers, "origin");
  const bool is_listed = !origin.empty() && std::find(listed.begin(), listed.end(), origin) != listed.end();
  return is_listed ? std::string(origin) : std::string();
}

bool is_preflight(std::string_view method, HeaderSpan headers) noexcept {
  return method == "OPTIONS" && find_header(headers, "access-control-request-method") != nullptr;
}

void add_cors(FieldList& fields, std::string_view origin) {
  fields.add_view("access-control-allow-origin", origin);
  fields.add_view("access-control-expose-headers", "x-request-id, x-client-request-id, retry-after, www-authenticate");
  fields.add_view("vary", "origin");
}

// What clients of either era send.
void add_preflight(FieldList& fields, std::string_view origin) {
  fields.add_view("access-control-allow-origin", origin);
  fields.add_view("access-control-allow-methods", "POST");
  fields.add_view("access-control-allow-headers",
                  "authorization, x-api-key, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, "
                  "mcp-session-id, last-event-id, x-client-request-id");
  fields.add_view("access-control-max-age", "7200");
  fields.add_view("vary", "origin");
}

}  // namespace gateway::app::mcp
