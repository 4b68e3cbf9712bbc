// Non-blocking reads and writes on stream sockets, with the outcomes an event loop acts on.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace gateway::net {

enum class IoStatus : std::uint8_t {
  done,    // `bytes` were moved, at least one
  again,   // none now: wait for readiness
  closed,  // the peer has ended its side (reading), or takes no more (writing)
  failed,  // anything else; `error` is the errno
};

struct IoResult {
  IoStatus status = IoStatus::done;
  std::size_t bytes = 0;
  int error = 0;
};

IoResult read_some(int fd, std::span<char> into) noexcept;
// Raises no SIGPIPE. A reset counts as closed.
IoResult write_some(int fd, std::span<const iovec> pieces) noexcept;

// The first bytes of the pieces, one after the other, as many as fit into `room`. Copies only if there are several
// pieces and the first alone would not fill the room: for writers that take one block at a time.
std::span<const char> join_front(std::span<const iovec> pieces, std::span<char> room) noexcept;

// Whether an idle socket still is what it should be: open, with nothing to read. Does not block.
bool quiet(int fd) noexcept;

}  // namespace gateway::net
