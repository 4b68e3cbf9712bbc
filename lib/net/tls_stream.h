// One accepted TLS connection, without blocking.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/io.h"
#include "net/tls_context.h"

struct ssl_st;

namespace gateway::net {

// For edge-triggered readiness in both directions: after IoStatus::again, make the same call again at the next event,
// whichever direction it reports (TLS may have to read in order to write). Reads go on until `again`: what OpenSSL has
// taken off the socket raises no further event. Reads and writes shake hands first if that is not done yet.
class TlsStream {
 public:
  // The descriptor stays the caller's and outlives it.
  TlsStream(const TlsContext& context, int fd);
  ~TlsStream();
  TlsStream(TlsStream&& o) noexcept;
  TlsStream& operator=(TlsStream&& o) noexcept;

  // done: the handshake is over (`bytes` is 0).
  IoResult handshake() noexcept;
  IoResult read(std::span<char> into) noexcept;
  // Small pieces go out together, in one record; the bytes taken may end within a piece. After `again` the next write
  // must start with the same bytes.
  IoResult write(std::span<const iovec> pieces) noexcept;
  // Sends close_notify as far as the socket takes it; then close the descriptor.
  void close_notify() noexcept;

  bool established() const noexcept;
  // Of the last call that failed: OpenSSL's reason, in one line.
  const std::string& error() const noexcept { return error_; }

 private:
  IoResult outcome(int returned, std::size_t bytes) noexcept;

  ssl_st* ssl_ = nullptr;
  bool broken_ = false;  // no more may be sent on it, not even close_notify
  std::string error_;
};

}  // namespace gateway::net
