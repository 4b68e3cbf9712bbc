// A connected socket, plain or TLS, that reads and writes the same way.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "net/fd.h"
#include "net/io.h"
#include "net/tls_stream.h"

namespace gateway::net {

// Outcomes as in IoStatus. TLS shakes hands within the first reads and writes; see TlsStream for its rule after
// `again`.
class Stream {
 public:
  Stream() = default;
  explicit Stream(UniqueFd fd) : fd_(std::move(fd)) {}
  Stream(UniqueFd fd, const TlsContext& context) : fd_(std::move(fd)), tls_(std::in_place, context, fd_.get()) {}

  int fd() const noexcept { return fd_.get(); }
  bool open() const noexcept { return static_cast<bool>(fd_); }
  bool secure() const noexcept { return tls_.has_value(); }
  // A plain socket raises an event for every byte that is still to come, also after a read that did not fill its room;
  // TLS must be read until `again`.
  bool must_drain() const noexcept { return secure(); }

  IoResult read(std::span<char> into) noexcept { return tls_ ? tls_->read(into) : read_some(fd(), into); }
  IoResult write(std::span<const iovec> pieces) noexcept {
    return tls_ ? tls_->write(pieces) : write_some(fd(), pieces);
  }
  void close() noexcept {
    if (tls_) tls_->close_notify();
    tls_.reset();
    fd_.reset();
  }

 private:
  UniqueFd fd_;
  std::optional<TlsStream> tls_;
};

}  // namespace gateway::net
