#include "net/io.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

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
  const bool one = pieces.size() == 1;  // which a plain send writes a little quicker
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  for (;;) {
    const ssize_t n = one ? ::send(fd, pieces[0].iov_base, pieces[0].iov_len, kFlags) : ::sendmsg(fd, &message, kFlags);
    if (n >= 0) return {IoStatus::done, static_cast<std::size_t>(n), 0};
    if (errno != EINTR) return failure(errno);
  }
}

std::span<const char> join_front(std::span<const iovec> pieces, std::span<char> room) noexcept {
  while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
  if (pieces.empty()) return {};
  const auto front = std::span(static_cast<const char*>(pieces.front().iov_base), pieces.front().iov_len);
  if (pieces.size() == 1 || front.size() >= room.size()) return front;
  std::size_t filled = 0;
  for (const iovec& piece : pieces) {
    const std::size_t taken = std::min(piece.iov_len, room.size() - filled);
    if (taken != 0) std::memcpy(room.data() + filled, piece.iov_base, taken);
    filled += taken;
    if (filled == room.size()) break;
  }
  return room.first(filled);
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
