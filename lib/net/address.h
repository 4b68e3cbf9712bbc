// Where to listen or connect: "127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080", "unix:/run/gateway.sock".
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "gateway/result.h"

namespace gateway::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  bool is_unix() const noexcept { return storage.ss_family == AF_UNIX; }
  // Of a unix socket; else empty.
  std::string_view path() const noexcept;
  // Of this machine: a loopback address, or a unix socket.
  bool is_loopback() const noexcept;
  // As parse_address takes it.
  std::string text() const;
  // The address alone, without a port; "unix" for a unix socket.
  std::string host() const;
};

// An empty host or "*" means every address. A name is looked up, which may block. invalid: it is none of the forms, or
// the name is not known.
Result<Address> parse_address(std::string_view text);

// Of a socket's own end and of its peer's; a size of 0 when the kernel knows none.
Address local_address(int fd) noexcept;
Address peer_address(int fd) noexcept;

}  // namespace gateway::net
