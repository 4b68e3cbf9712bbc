#include "adapters/curl/wire.h"

#include <openssl/ssl.h>

#include <array>
#include <cerrno>

namespace gateway::curl {
namespace {

net::IoResult outcome(CURLcode code, std::size_t bytes) noexcept {
  if (code == CURLE_OK) return {bytes != 0 ? net::IoStatus::done : net::IoStatus::closed, bytes, 0};
  if (code == CURLE_AGAIN) return {net::IoStatus::again, 0, 0};
  return {net::IoStatus::failed, 0, EPROTO};
}

// Whether TLS's close_notify has arrived. libcurl nowhere distinguishes it from a bare end of the stream.
bool ended_in_order(CURL* easy) noexcept {
  curl_tlssessioninfo* session = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == nullptr) return false;
  if (session->backend != CURLSSLBACKEND_OPENSSL || session->internals == nullptr) return false;
  return (SSL_get_shutdown(static_cast<const SSL*>(session->internals)) & SSL_RECEIVED_SHUTDOWN) != 0;
}

}  // namespace

Wire::Wire(MultiMember easy, int fd) : easy_(std::move(easy)), fd_(fd) {
  // How much one read may return; connecting needed less, and keeps that much allocated.
  curl_easy_setopt(easy_.get(), CURLOPT_BUFFERSIZE, 64L * 1024);
}

net::IoResult Wire::read(std::span<char> into) noexcept {
  if (!easy_) return net::read_some(fd_, into);
  std::size_t got = 0;
  const CURLcode code = curl_easy_recv(easy_.get(), into.data(), into.size(), &got);
  net::IoResult result = outcome(code, got);
  if (result.status == net::IoStatus::closed && !ended_in_order(easy_.get())) result.error = ECONNRESET;
  return result;
}

net::IoResult Wire::write(std::span<const iovec> pieces) noexcept {
  if (!easy_) return net::write_some(fd_, pieces);
  std::array<char, 16 * 1024> room;  // a TLS record's worth
  const auto bytes = net::join_front(pieces, room);
  std::size_t put = 0;
  const CURLcode code = curl_easy_send(easy_.get(), bytes.data(), bytes.size(), &put);
  return outcome(code, put);
}

bool Wire::quiet() noexcept {
  if (net::quiet(fd_)) return true;
  char byte = 0;
  return easy_ && read({&byte, 1}).status == net::IoStatus::again;
}

void Wire::close() noexcept {
  easy_ = MultiMember();
  plain_.reset();
  fd_ = -1;
}

}  // namespace gateway::curl
