// One accepted connection as bytes: plain or TLS.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "net/fd.h"
#include "net/io.h"
#include "net/tls_context.h"
#include "net/tls_stream.h"

namespace gateway::app {

class Transport {
 public:
  // Without a context: plain.
  Transport(net::UniqueFd fd, const std::shared_ptr<net::TlsContext>& tls);

  int fd() const noexcept { return fd_.get(); }
  // A read that did not fill its room has emptied the socket; not so with TLS, where records are in between.
  bool plain() const noexcept { return !tls_; }

  net::IoResult read(std::span<char> into) noexcept;
  net::IoResult write(std::span<const iovec> pieces) noexcept;
  // What was written and has not reached the peer.
  std::size_t unsent_bytes() const noexcept;
  // Sends the peer the end of the stream; what it still sends can be read.
  void finish_writing() noexcept;
  void close() noexcept;
  // So that the peer cannot take the end for an orderly one.
  void close_by_reset() noexcept;

 private:
  net::UniqueFd fd_;
  std::optional<net::TlsStream> tls_;
};

}  // namespace gateway::app
