// Which requests are let in, by what their heads say: against pages of other origins and names that were rebound.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gateway::app::mcp {

// Whether all of these addresses are of this machine alone: then so are the names that a request may use.
bool is_loopback_only(const std::vector<std::string>& listen);
// Whether a page of `origin` may call: one of the same host, or one that is listed.
bool is_origin_allowed(std::string_view origin, std::string_view host, const std::vector<std::string>& listed);
// A Host that can be written into an answer: a name or address and a port, nothing else.
bool is_plain_host(std::string_view host);

}  // namespace gateway::app::mcp
