#include "app/server/transport.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <utility>

#include "net/socket.h"

namespace gateway::app {

Transport::Transport(net::UniqueFd fd, const std::shared_ptr<net::TlsContext>& tls) : fd_(std::move(fd)) {
  if (tls) tls_.emplace(*tls, fd_.get());
}

net::IoResult Transport::read(std::span<char> into) noexcept {
  return tls_ ? tls_->read(into) : net::read_some(fd_.get(), into);
}

net::IoResult Transport::write(std::span<const iovec> pieces) noexcept {
  return tls_ ? tls_->write(pieces) : net::write_some(fd_.get(), pieces);
}

std::size_t Transport::unsent_bytes() const noexcept {
  int bytes = 0;
  return ::ioctl(fd_.get(), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

void Transport::finish_writing() noexcept {
  if (tls_) tls_->close_notify();
  ::shutdown(fd_.get(), SHUT_WR);
}

void Transport::close() noexcept {
  if (tls_) tls_->close_notify();
  tls_.reset();
  fd_.reset();
}

void Transport::close_by_reset() noexcept {
  net::reset_on_close(fd_.get());
  tls_.reset();
  fd_.reset();
}

}  // namespace gateway::app
