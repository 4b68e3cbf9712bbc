// The process that runs the gateway.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/gateway.h"
#include "operations/deployment.h"
#include "operations/live.h"

namespace gateway::operations {

// What the program knows of itself.
struct Host {
  std::string version, libraries;
  WallTime started{};
  unsigned workers = 0;           // threads that serve
  std::int64_t memory_bytes = 0;  // that the operating system has given it; 0: unknown
};

struct SystemAnswer {
  Host host;
  std::chrono::seconds uptime{0};
  CoreStats stats;
};

// Errors: unavailable (no gateway runs here).
Result<SystemAnswer> show_system(const Deployment& deployment, const Live& live, Host host);

}  // namespace gateway::operations
