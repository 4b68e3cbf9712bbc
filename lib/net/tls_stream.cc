#include "net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <utility>

#include "gateway/result.h"
#include "net/tls_bio.h"

namespace gateway::net {
TlsStream::TlsStream(const TlsContext& context, int fd) : ssl_(SSL_new(context.get())) {
  bio_st* const bio = ssl_ != nullptr ? new_socket_bio(fd) : nullptr;
  if (bio == nullptr) detail::die("no memory for a TLS connection");
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }
TlsStream::TlsStream(TlsStream&& o) noexcept
    : ssl_(std::exchange(o.ssl_, nullptr)), broken_(o.broken_), error_(std::move(o.error_)) {}
TlsStream& TlsStream::operator=(TlsStream&& o) noexcept {
  std::swap(ssl_, o.ssl_);
  std::swap(broken_, o.broken_);
  std::swap(error_, o.error_);
  return *this;
}

IoResult TlsStream::outcome(int returned, std::size_t bytes) noexcept {
  if (returned == 1) return {IoStatus::done, bytes, 0};
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {IoStatus::again, 0, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::closed, 0, 0};
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      return {IoStatus::closed, 0, 0};
    default:
      broken_ = true;
      const unsigned long code = ERR_peek_last_error();
      const char* const reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
      error_ = reason != nullptr ? reason : "TLS failure";
      if (code != 0 && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return {IoStatus::closed, 0, 0};
      return {IoStatus::failed, 0, EPROTO};
  }
}

IoResult TlsStream::handshake() noexcept {
  ERR_clear_error();
  return outcome(SSL_do_handshake(ssl_), 0);
}

IoResult TlsStream::read(std::span<char> into) noexcept {
  ERR_clear_error();
  std::size_t got = 0;
  const int returned = SSL_read_ex(ssl_, into.data(), into.size(), &got);
  return outcome(returned, got);
}

IoResult TlsStream::write(std::span<const iovec> pieces) noexcept {
  std::array<char, 16 * 1024> room;  // a record's worth
  const auto bytes = join_front(pieces, room);
  if (bytes.empty()) return {IoStatus::done, 0, 0};
  ERR_clear_error();
  std::size_t put = 0;
  const int returned = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &put);
  return outcome(returned, put);
}

void TlsStream::close_notify() noexcept {
  if (broken_ || !established()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

bool TlsStream::established() const noexcept { return SSL_is_init_finished(ssl_) != 0; }

}  // namespace gateway::net
