#include "net/io.h"

#include <sys/socket.h>

#include <cerrno>

namespace gateway::net {
namespace {

IoResult failure(int error) noexcept {
  switch (error) {
    case EAGAIN:
#if EAGAIN != EWOULDBLOCK
    case EWOULDBLOCK:
#endif
      return {IoStatus::again, 0, 0};
    case EPIPE:
    case ECONNRESET:
      return {IoStatus::closed, 0, error};
    default:
      return {IoStatus::failed, 0, error};
  }
}

}  // namespace

IoResult read_some(int fd, std::span<char> into) noexcept {
  for (;;) {
    const ssize_t n = ::recv(fd, into.data(), into.size(), MSG_DONTWAIT);
    if (n > 0) return {IoStatus::done, static_cast<std::size_t>(n), 0};
    if (n == 0) return {IoStatus::closed, 0, 0};
    if (errno != EINTR) return failure(errno);
  }
}

IoResult write_some(int fd, std::span<const iovec> pieces) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  for (;;) {
    const ssize_t n = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) return {IoStatus::done, static_cast<std::size_t>(n), 0};
    if (errno != EINTR) return failure(errno);
  }
}

bool quiet(int fd) noexcept {
  char byte;
  for (;;) {
    const ssize_t n = ::recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);
    if (n >= 0) return false;
    if (errno != EINTR) return failure(errno).status == IoStatus::again;
  }
}

}  // namespace gateway::net
