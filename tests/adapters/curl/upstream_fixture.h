// A CurlUpstream on a loop, and replies that remember what they heard.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/curl/raw_server.h"
#include "gateway/curl_upstream.h"
#include "gateway/epoll_loop.h"
#include "support/catch.h"

namespace gateway::testing {

struct Recorder final : UpstreamReply {
  int status = 0;
  int heads = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::size_t pieces = 0;
  std::optional<Result<void>> end;
  std::function<void()> at_head, at_end;
  std::function<Flow()> at_body;

  void on_head(const UpstreamHead& head) override {
    ++heads;
    CHECK_FALSE(end);
    status = head.status;
    for (const auto& field : head.headers) fields.emplace_back(field.name, field.value);
    if (at_head) at_head();
  }
  Flow on_body(std::string_view bytes) override {
    CHECK_FALSE(end);
    CHECK(heads == 1);
    body += bytes;
    ++pieces;
    return at_body ? at_body() : Flow::more;
  }
  void on_end(Result<void> result) override {
    CHECK_FALSE(end);
    end = std::move(result);
    if (at_end) at_end();
  }
  std::optional<std::string> field(std::string_view name) const {
    for (const auto& [n, v] : fields) {
      if (equal_ignoring_case(n, name)) return v;
    }
    return std::nullopt;
  }
  bool succeeded() const { return end && end->has_value(); }
  std::optional<ErrorCode> error() const {
    return end && !end->has_value() ? std::optional(end->error().code) : std::nullopt;
  }
};

struct UpstreamFixture {
  EpollLoop loop;
  std::unique_ptr<CurlUpstream> upstream = std::make_unique<CurlUpstream>(loop);

  void use(CurlUpstreamOptions options) { upstream = std::make_unique<CurlUpstream>(loop, options); }

  static Origin origin(std::uint16_t port, std::string scheme = "http", std::string host = "127.0.0.1") {
    Origin origin;
    origin.id = scheme + "://" + host + ":" + std::to_string(port);
    origin.scheme = std::move(scheme);
    origin.host = host;
    origin.port = port;
    origin.authority = host + ":" + std::to_string(port);
    origin.proxy = "direct";
    return origin;
  }

  std::unique_ptr<Call> get(const Origin& at, Recorder& reply) {
    return upstream->start({.origin = &at, .method = "GET", .path = "/", .headers = {}, .body = {}}, reply);
  }
  // The body is the caller's.
  std::unique_ptr<Call> post(const Origin& at, Recorder& reply, std::span<const std::string_view> body,
                             std::chrono::milliseconds connect = std::chrono::milliseconds(2000)) {
    return upstream->start(
        {.origin = &at, .method = "POST", .path = "/v1/x?y=1", .headers = {}, .body = body, .connect_timeout = connect},
        reply);
  }

  // Turns the loop until it holds; fails the test when it does not within ten seconds.
  template <class Condition>
  void until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      loop.run_once(std::chrono::milliseconds(5));
    }
  }
  void until_ended(const Recorder& reply) {
    until([&] { return reply.end.has_value(); });
  }
};

inline std::string answer(std::string_view body, std::string_view fields = "") {
  return "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}

// Answers every request on a connection alike.
inline RawServer::Script answering(std::string text) {
  return [text = std::move(text)](Peer& peer) {
    while (!peer.read_request().empty() && peer.send(text)) {
    }
  };
}

}  // namespace gateway::testing
