// What a browser sends with a call: the cookie of its session, and where the page comes from that calls.
#pragma once

#include <string>
#include <string_view>

#include "gateway/headers.h"
#include "wire/openai/error_body.h"

namespace gateway::app {

// The host is this machine, by a name or address of which no DNS decides: localhost, 127.x.x.x, ::1. With or without a
// port.
bool is_loopback_host(std::string_view host) noexcept;

// A server without a configuration was called by another name than such a host's.
ApiError foreign_host();

// Whether the page that calls is of this very origin: by Sec-Fetch-Site, else by Origin and Host. A call that changes
// something needs one of them; one that reads needs none, for old browsers and typed addresses.
bool is_same_origin(HeaderSpan headers, bool changes) noexcept;

// Whether the browser's connection is encrypted: here, or by a proxy that says so.
bool is_secure(HeaderSpan headers, bool has_tls) noexcept;

// A cookie that no other host can set and no script reads (RFC 6265bis, "__Host-"). Without encryption it has neither
// prefix nor `Secure`, and the port in its name, since a host's ports share their cookies.
struct SessionCookie {
  std::string name;
  bool secure = false;

  static SessionCookie of(HeaderSpan headers, bool has_tls);
  std::string_view value(HeaderSpan headers) const noexcept;         // empty: there is none
  std::string set(std::string_view value, long long seconds) const;  // of Set-Cookie; 0 seconds: it goes
};

}  // namespace gateway::app
