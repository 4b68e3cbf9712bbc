#include "net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace gateway::net {
namespace {

Error failure(const Address& address, const char* step) {
  return {ErrorCode::unavailable, "cannot listen on " + address.text() + ": " + step + ": " + std::strerror(errno)};
}

void enable(int fd, int level, int option) noexcept {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

bool somebody_listens(const Address& address) {
  const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return !probe || ::connect(probe.get(), address.get(), address.size) == 0 || errno != ECONNREFUSED;
}

Result<void> remove_stale(const Address& address) {
  const std::string path(address.path());
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) {
    return Error{ErrorCode::unavailable, "cannot listen on " + address.text() + ": a file that is no socket is there"};
  }
  if (somebody_listens(address)) {
    return Error{ErrorCode::unavailable, "cannot listen on " + address.text() + ": another process does"};
  }
  ::unlink(path.c_str());
  return {};
}

}  // namespace

Result<UniqueFd> listen_on(const Address& address, const ListenOptions& options) {
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failure(address, "socket");
  if (address.is_unix()) {
    if (auto removed = remove_stale(address); !removed) return removed.error();
  } else {
    enable(fd.get(), SOL_SOCKET, SO_REUSEADDR);
    if (options.share_port) enable(fd.get(), SOL_SOCKET, SO_REUSEPORT);
  }
  if (::bind(fd.get(), address.get(), address.size) != 0) return failure(address, "bind");
  // Before listen(), so that nobody connects by a wider mode.
  if (address.is_unix() && ::chmod(std::string(address.path()).c_str(), options.unix_mode) != 0) {
    return failure(address, "chmod");
  }
  if (::listen(fd.get(), options.backlog) != 0) return failure(address, "listen");
  return fd;
}

AcceptResult accept_one(int listener) noexcept {
  for (;;) {
    UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      enable(fd.get(), IPPROTO_TCP, TCP_NODELAY);  // a unix socket has no such option, and needs none
      return {Accepted::connection, std::move(fd)};
    }
    switch (errno) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return {Accepted::exhausted, {}};
      case EINTR:  // these are of the connection, not of the listener: accept(2), "Error handling"
      case ECONNABORTED:
      case EPROTO:
      case EPERM:
      case ENETDOWN:
      case ENOPROTOOPT:
      case EHOSTDOWN:
      case ENONET:
      case EHOSTUNREACH:
      case ENETUNREACH:
        break;
      default:
        return {Accepted::none, {}};
    }
  }
}

void reset_on_close(int fd) noexcept {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace gateway::net
