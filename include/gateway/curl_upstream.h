// Upstream over libcurl, which does DNS, TCP, proxies and TLS, with an HTTP/1.1 client of our own on the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "gateway/loop.h"
#include "gateway/upstream.h"

namespace gateway {

/// Of the libcurl that is loaded: "7.88.1".
const char* curl_library_version() noexcept;

struct CurlUpstreamOptions {
  std::size_t idle_per_origin = 256;  ///< connections kept for reuse
  std::chrono::milliseconds keep_idle{55'000};
  std::size_t max_head = 64 * 1024;             ///< of an answer
  std::size_t max_decoded = 256 * 1024 * 1024;  ///< a compressed answer, once inflated
};

class CurlUpstream final : public Upstream {
 public:
  /// The loop outlives it, and it outlives its calls. One per thread.
  explicit CurlUpstream(Loop& loop, CurlUpstreamOptions options = {});
  ~CurlUpstream() override;
  std::unique_ptr<Call> start(const UpstreamRequest& request, UpstreamReply& reply) override;
  bool lets_bodies_go_on() const noexcept override { return true; }
  /// Reads on for at most a quarter of a second.
  void drain(std::unique_ptr<Call> call) override;

 private:
  class Drained;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway
