// A request to /mcp, on a worker's thread: judged by its head, its body gathered, answered when one of the CallThreads
// has.
#pragma once

#include <memory>

#include "app/mcp/http/call_threads.h"
#include "app/mcp/http/service.h"
#include "app/server/mount.h"

namespace gateway::app::mcp {

inline constexpr std::size_t kMaxBody = 1024 * 1024;

// What an exchange needs beside its worker; all of it outlives the exchanges, and the threads end before the loops.
struct Serving {
  CallThreads& threads;
  Service& service;
};

// `takes_admin`: whether the admin token is accepted at this address.
std::unique_ptr<Exchange> open_mcp(const MountContext& at, const Serving& serving, bool takes_admin,
                                   const RequestHead& head, Client& client);

}  // namespace gateway::app::mcp
