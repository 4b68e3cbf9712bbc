#include "app/mcp/http/doors.h"

#include <algorithm>

#include "app/server/browser.h"
#include "gateway/headers.h"

namespace gateway::app::mcp {
bool is_loopback_only(const std::vector<std::string>& listen) {
  return std::all_of(listen.begin(), listen.end(), [](const std::string& address) {
    return address.starts_with("unix:") || is_loopback_host(address);
  });
}

bool is_origin_allowed(std::string_view origin, std::string_view host, const std::vector<std::string>& listed) {
  if (std::find(listed.begin(), listed.end(), origin) != listed.end()) return true;
  const std::size_t scheme = origin.find("://");
  return scheme != origin.npos && !host.empty() && equal_ignoring_case(origin.substr(scheme + 3), host);
}

bool is_plain_host(std::string_view host) {
  return !host.empty() && host.size() <= 256 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '[' || c == ']';
  });
}

}  // namespace gateway::app::mcp
