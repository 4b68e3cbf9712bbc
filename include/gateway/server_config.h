// The server around the library: its bounds, time limits, TLS and metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/secret.h"

namespace gateway {

struct TlsConfig {
  std::string certificate{};  ///< PEM files; empty: no TLS
  std::string key{};
};

struct ServerConfig {
  std::int64_t max_connections = 10'000;
  std::int64_t max_connections_per_address = 0;  ///< 0: no limit of its own
  std::int64_t max_in_flight = 4096;
  std::int64_t max_head = 32 * 1024;
  std::int64_t max_body = 32 * 1024 * 1024;     ///< of what is gathered
  std::int64_t max_upload = 512 * 1024 * 1024;  ///< of a form, which is passed on as it comes; less than max_body: that
  std::int64_t max_buffered =
      256 * 1024 * 1024;  ///< of all requests' bodies and what is kept of answers; at least max_body
  std::int64_t max_event = 32 * 1024 * 1024;  ///< one event of a stream
  std::int64_t max_answer =
      64 * 1024 * 1024;  ///< an answer in one piece, if it is gathered: see docs/internals/faults.md
  std::int64_t max_connection_memory = 256 * 1024 * 1024;  ///< of what all clients' connections keep, bodies aside
  std::int64_t min_body_rate = 1024;                       ///< bytes a second, once a body has had ten; 0: none
  std::chrono::milliseconds head_timeout{10'000};
  std::chrono::milliseconds body_timeout{60'000};
  std::chrono::milliseconds keep_alive{75'000};
  std::chrono::milliseconds drain_delay{0};  ///< before draining, while /readyz fails and all else is served
  std::chrono::milliseconds drain{30'000};
  std::vector<std::string> cors_origins{};  ///< empty: CORS is off; "*": any
  TlsConfig tls{};
};

/// Who may read /metrics. Neither: only clients on this machine, where `Config::listen` says.
struct MetricsConfig {
  std::vector<std::string> listen{};  ///< there, and nowhere else
  Secret token{};                     ///< whoever presents it; at least kMinAdminToken characters
};

enum class AdminRole : std::uint8_t { read, write };  ///< read: what changes something is refused

/// A token of the administration with a name, which the log of changes has.
struct AdminToken {
  std::string name{};  ///< [A-Za-z0-9._-]{1,64}
  Secret token{};      ///< at least kMinAdminToken characters
  AdminRole role = AdminRole::read;
};

/// What the server does with providers' bills every night.
struct ReconcileConfig {
  bool nightly = true;
  bool book = false;  ///< differences are booked, as `gateway reconcile --book` does
};

/// The MCP server at /mcp, for agents: behind a project's key or the admin token, where clients are served.
struct McpConfig {
  bool enabled = false;
  bool write_keys = false;             ///< its tools may create, rotate and revoke keys
  std::vector<std::string> origins{};  ///< of browsers that may call, beside the host's own
};

inline constexpr std::size_t kMinAdminToken = 16;  ///< shorter ones are guessed

}  // namespace gateway
