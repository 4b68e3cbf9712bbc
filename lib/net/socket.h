// Listening sockets and what they accept.
#pragma once

#include <sys/types.h>

#include "gateway/result.h"
#include "net/address.h"
#include "net/fd.h"

namespace gateway::net {

struct ListenOptions {
  int backlog = 4096;
  bool share_port = true;   // SO_REUSEPORT: each worker listens for itself and the kernel shares connections out
  mode_t unix_mode = 0660;  // of a unix socket's file
};

// A non-blocking listening socket. A unix socket that nobody listens on any more is replaced; one in use, and a file
// that is no socket, are an error. unavailable: the system's reason.
Result<UniqueFd> listen_on(const Address& address, const ListenOptions& options = {});

enum class Accepted : unsigned char {
  connection,
  none,       // the queue is empty: wait for readiness
  exhausted,  // no descriptors or memory left: pause, then try again without waiting for readiness
};
struct AcceptResult {
  Accepted what = Accepted::none;
  UniqueFd fd;  // non-blocking, closed on exec, TCP_NODELAY
};
// Connections that broke before they were accepted are skipped.
AcceptResult accept_one(int listener) noexcept;

// Closing shall reset the connection instead of ending it in order.
void reset_on_close(int fd) noexcept;

}  // namespace gateway::net
