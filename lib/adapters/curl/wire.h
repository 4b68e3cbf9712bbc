// A connected way to a server: a plain socket, or one that libcurl speaks TLS on.
#pragma once

#include <span>
#include <utility>

#include "adapters/curl/curl_multi.h"
#include "net/fd.h"
#include "net/io.h"

namespace gateway::curl {

// Outcomes as net::IoStatus says. Closed with close().
class Wire {
 public:
  Wire() = default;
  explicit Wire(net::UniqueFd fd) : plain_(std::move(fd)), fd_(plain_.get()) {}
  Wire(MultiMember easy, int fd);

  int fd() const noexcept { return fd_; }
  bool secure() const noexcept { return static_cast<bool>(easy_); }
  net::IoResult read(std::span<char> into) noexcept;
  net::IoResult write(std::span<const iovec> pieces) noexcept;
  // Open, and nothing to read. Takes TLS's own messages in.
  bool quiet() noexcept;
  // Not to be called from within libcurl's callbacks.
  void close() noexcept;

 private:
  net::UniqueFd plain_;
  MultiMember easy_;
  int fd_ = -1;
};

}  // namespace gateway::curl
