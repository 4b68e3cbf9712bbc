#include "app/server/browser.h"

#include <fmt/format.h>

#include <algorithm>

namespace gateway::app {
namespace {

struct HostAndPort {
  std::string_view host, port;
};

HostAndPort split(std::string_view text) noexcept {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == text.npos ? 0 : bracket);
  if (colon == text.npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_digits(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// 127.0.0.1 as an address: a name such as 127.0.0.1.example.com is anybody's.
bool is_loopback_v4(std::string_view host) noexcept {
  if (!host.starts_with("127.")) return false;
  const bool known = std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return known && std::count(host.begin(), host.end(), '.') == 3 && host.find("..") == host.npos && host.back() != '.';
}

}  // namespace

bool is_loopback_host(std::string_view text) noexcept {
  const auto [host, port] = split(text);
  if (!is_digits(port)) return false;
  return equal_ignoring_case(host, "localhost") || host == "[::1]" || is_loopback_v4(host);
}

ApiError foreign_host() {
  ApiError error;
  error.status = 403;
  error.type = "permission_error";
  error.code = "host_not_allowed";
  error.message =
      "A server without a configuration is administered from its own machine alone, as localhost or 127.0.0.1.";
  error.should_not_retry = true;
  return error;
}

bool is_same_origin(HeaderSpan headers, bool changes) noexcept {
  const std::string_view site = header_value(headers, "sec-fetch-site");
  if (!site.empty()) return site == "same-origin" || (site == "none" && !changes);
  std::string_view origin = header_value(headers, "origin");
  if (origin.empty()) return !changes;
  const std::size_t scheme = origin.find("://");
  if (scheme == origin.npos) return false;
  origin.remove_prefix(scheme + 3);
  return equal_ignoring_case(origin, header_value(headers, "host"));
}

bool is_secure(HeaderSpan headers, bool has_tls) noexcept {
  return has_tls || equal_ignoring_case(header_value(headers, "x-forwarded-proto"), "https");
}

SessionCookie SessionCookie::of(HeaderSpan headers, bool has_tls) {
  if (is_secure(headers, has_tls)) return {"__Host-gateway", true};
  const std::string_view port = split(header_value(headers, "host")).port;
  return {fmt::format("gateway-{}", port.empty() || !is_digits(port) ? "80" : port), false};
}

std::string_view SessionCookie::value(HeaderSpan headers) const noexcept {
  for (const HeaderField& field : headers) {
    if (!equal_ignoring_case(field.name, "cookie")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      std::string_view pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
        return pair.substr(name.size() + 1);
    }
  }
  return {};
}

std::string SessionCookie::set(std::string_view value, long long seconds) const {
  return fmt::format("{}={}; Path=/; Max-Age={}{}; HttpOnly; SameSite=Strict", name, value, seconds,
                     secure ? "; Secure" : "");
}

}  // namespace gateway::app
