// A server on loopback that does exactly what a test says, byte by byte, on threads of its own.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/fd.h"
#include "net/socket.h"
#include "net/tls_context.h"

namespace gateway::testing {

// The server's end of one connection. Blocking, but nothing blocks for more than ten seconds.
class Peer {
 public:
  Peer(net::UniqueFd fd, SSL_CTX* tls, const std::atomic<bool>& stopping, std::function<void(std::string)> on_request)
      : fd_(std::move(fd)), stopping_(stopping), on_request_(std::move(on_request)) {
    const timeval limit{10, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (tls != nullptr) start_tls(tls);
  }
  ~Peer() {
    if (ssl_ != nullptr) SSL_free(ssl_);
  }

  void start_tls(SSL_CTX* tls) {
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd_.get());
    if (SSL_accept(ssl_) != 1) broken_ = true;
  }
  bool broken() const { return broken_; }
  // The test is over.
  bool stopped() const { return stopping_; }

  // One request with its body; empty when the connection ended first.
  std::string read_request() {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      if (!read_into(request)) return "";
    }
    const auto end = request.find("\r\n\r\n") + 4;
    std::size_t body = 0;
    if (const auto at = request.find("content-length: "); at < end)
      body = std::strtoull(&request[at + 16], nullptr, 10);
    while (request.size() < end + body) {
      if (!read_into(request)) return "";
    }
    left_ = request.substr(end + body);
    request.resize(end + body);
    on_request_(request);
    return request;
  }
  bool read_into(std::string& text) {
    if (!left_.empty()) {
      text += std::exchange(left_, {});
      return true;
    }
    char room[65536];
    const ssize_t n = receive(room, sizeof room);
    if (n <= 0) return false;
    text.append(room, static_cast<std::size_t>(n));
    return true;
  }
  // True when all was taken.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ssl_ != nullptr ? SSL_write(ssl_, text.data(), static_cast<int>(text.size()))
                                        : ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // Sends without waiting; how much was taken.
  std::size_t send_now(std::string_view text) {
    const ssize_t n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  // Waits for the other side to close: true when it did within ten seconds.
  bool closed() {
    char room[65536];
    for (;;) {
      const ssize_t n = receive(room, sizeof room);
      if (n > 0) continue;
      return n != kNothing;
    }
  }
  void close() { fd_.reset(); }
  void half_close() { ::shutdown(fd_.get(), SHUT_WR); }
  void reset() {
    net::reset_on_close(fd_.get());
    fd_.reset();
  }
  int fd() const { return fd_.get(); }

 private:
  static constexpr ssize_t kNothing = -2;

  ssize_t receive(char* room, std::size_t size) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    pollfd waiting{fd_.get(), POLLIN, 0};
    while ((ssl_ == nullptr || SSL_pending(ssl_) == 0) && ::poll(&waiting, 1, 10) == 0) {
      if (stopping_ || std::chrono::steady_clock::now() > deadline) return kNothing;
    }
    return ssl_ != nullptr ? SSL_read(ssl_, room, static_cast<int>(size)) : ::recv(fd_.get(), room, size, 0);
  }

  net::UniqueFd fd_;
  const std::atomic<bool>& stopping_;
  std::function<void(std::string)> on_request_;
  SSL* ssl_ = nullptr;
  bool broken_ = false;
  std::string left_;
};

class RawServer {
 public:
  using Script = std::function<void(Peer&)>;

  // Connection n is served by scripts[n], those beyond by the last one.
  explicit RawServer(std::vector<Script> scripts, std::shared_ptr<net::TlsContext> tls = nullptr)
      : scripts_(std::move(scripts)), tls_(std::move(tls)) {
    if (tls_) ::signal(SIGPIPE, SIG_IGN);  // OpenSSL's own sockets raise it
    listener_ = net::listen_on(net::parse_address("127.0.0.1:0").value()).value();
    port_ = ntohs(reinterpret_cast<const sockaddr_in&>(net::local_address(listener_.get()).storage).sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  explicit RawServer(Script script, std::shared_ptr<net::TlsContext> tls = nullptr)
      : RawServer(std::vector{std::move(script)}, std::move(tls)) {}
  ~RawServer() {
    stopping_ = true;
    thread_.join();
    for (auto& each : peers_) each.join();
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return connections_; }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!stopping_) {
      pollfd waiting{listener_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 5) <= 0) continue;
      net::UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) continue;
      const Script& script = scripts_[std::min<std::size_t>(connections_++, scripts_.size() - 1)];
      peers_.emplace_back([this, &script, fd = std::move(fd)]() mutable {
        Peer peer(std::move(fd), tls_ ? tls_->get() : nullptr, stopping_, [this](std::string request) {
          const std::lock_guard lock(mutex_);
          requests_.push_back(std::move(request));
        });
        if (!peer.broken()) script(peer);
      });
    }
  }

  const std::vector<Script> scripts_;
  const std::shared_ptr<net::TlsContext> tls_;
  net::UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> peers_;
  std::thread thread_;
};

}  // namespace gateway::testing
