#include <cstdlib>

#include "adapters/curl/upstream_fixture.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

// A port that nobody listens on.
std::uint16_t free_port() {
  const auto fd = net::listen_on(net::parse_address("127.0.0.1:0").value()).value();
  return ntohs(reinterpret_cast<const sockaddr_in&>(net::local_address(fd.get()).storage).sin_port);
}

// A listener whose queue is full, so that connecting to it neither works nor fails.
struct FullListener {
  FullListener() {
    fd = net::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = net::parse_address("127.0.0.1:0").value();
    REQUIRE(::bind(fd.get(), address.get(), address.size) == 0);
    REQUIRE(::listen(fd.get(), 0) == 0);
    const auto bound = net::local_address(fd.get());
    port = ntohs(reinterpret_cast<const sockaddr_in&>(bound.storage).sin_port);
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      ::connect(clients.back().get(), bound.get(), bound.size);
    }
  }
  net::UniqueFd fd;
  std::vector<net::UniqueFd> clients;
  std::uint16_t port;
};

// An HTTP proxy that opens a tunnel to whatever address is requested, after checking for a password if one is required.
RawServer::Script tunnel_to(std::uint16_t port, std::string* asked, std::string authorization = "") {
  return [=](Peer& peer) {
    const std::string request = peer.read_request();
    *asked = request;
    if (!authorization.empty() && request.find("Proxy-Authorization: " + authorization) == std::string::npos) {
      peer.send(
          "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\ncontent-length: "
          "0\r\n\r\n");
      peer.closed();
      return;
    }
    const auto address = net::parse_address("127.0.0.1:" + std::to_string(port)).value();
    const net::UniqueFd out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(out.get(), address.get(), address.size) != 0) return;
    peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
    pollfd both[2] = {{peer.fd(), POLLIN, 0}, {out.get(), POLLIN, 0}};
    char room[65536];
    for (;;) {
      const int ready = ::poll(both, 2, 20);
      if (ready < 0 || peer.stopped()) return;
      for (int i = 0; i < 2; ++i) {
        if (both[i].revents == 0) continue;
        const ssize_t n = ::recv(both[i].fd, room, sizeof room, 0);
        if (n <= 0) return;
        if (::send(both[1 - i].fd, room, static_cast<std::size_t>(n), MSG_NOSIGNAL) != n) return;
      }
    }
  };
}

}  // namespace

TEST_CASE_METHOD(UpstreamFixture, "a refused connection is unreachable, heard after start", "[adapters][curl]") {
  const Origin at = origin(free_port());
  Recorder reply;
  auto call = get(at, reply);
  CHECK_FALSE(reply.end);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::unreachable);
  CHECK(reply.end->error().detail.find(std::to_string(at.port)) != std::string::npos);
}

TEST_CASE_METHOD(UpstreamFixture, "an unknown name is unreachable", "[adapters][curl]") {
  const Origin at = origin(80, "http", "nonexistent.invalid");
  Recorder reply;
  auto call = post(at, reply, {}, 8s);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::unreachable);
  CHECK(reply.end->error().detail.find("nonexistent.invalid") != std::string::npos);
}

TEST_CASE_METHOD(UpstreamFixture, "connecting has a time limit", "[adapters][curl]") {
  const FullListener full;
  const Origin at = origin(full.port);
  Recorder reply;
  auto call = post(at, reply, {}, 100ms);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::unreachable);
}

TEST_CASE_METHOD(UpstreamFixture, "connecting can be cancelled", "[adapters][curl]") {
  const FullListener full;
  Recorder slow, unknown, before;
  auto one = get(origin(full.port), slow);
  auto two = get(origin(80, "http", "nonexistent.invalid"), unknown);
  auto three = get(origin(full.port), before);
  three.reset();  // before libcurl has begun
  loop.run_once(5ms);
  loop.run_once(5ms);
  one.reset();
  two.reset();
  loop.run_once(20ms);
  CHECK_FALSE(slow.end);
  CHECK_FALSE(before.end);
}

TEST_CASE_METHOD(UpstreamFixture, "several connections fail and succeed at once, calls ending inside each other's",
                 "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  const Origin dead = origin(free_port()), live = origin(server.port());
  std::vector<Recorder> failing(40), fine(40);
  std::vector<std::unique_ptr<Call>> failing_calls(40), fine_calls(40);
  for (std::size_t i = 0; i < 40; ++i) {
    failing[i].at_end = [&, i] {
      failing_calls[i].reset();
      if (i % 2 == 0) failing_calls[i + 1].reset();  // its own failure may wait in the same batch
    };
    failing_calls[i] = get(dead, failing[i]);
    fine_calls[i] = get(live, fine[i]);
  }
  for (std::size_t i = 0; i < 40; i += 2) {
    until([&] { return failing[i].end || failing[i + 1].end; });
  }
  for (auto& reply : fine) {
    until_ended(reply);
    CHECK(reply.succeeded());
  }
}

TEST_CASE_METHOD(UpstreamFixture, "a tunnel is requested of a proxy, with its password", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  std::string asked;
  RawServer proxy(tunnel_to(server.port(), &asked, "Basic dXNlcjpzZWNyZXQ="));
  Origin at = origin(server.port());
  at.proxy = "http://user:secret@127.0.0.1:" + std::to_string(proxy.port());
  for (int i = 0; i < 3; ++i) {
    Recorder reply;
    auto call = get(at, reply);
    until_ended(reply);
    REQUIRE(reply.succeeded());
    CHECK(reply.body == "hello");
  }
  CHECK(asked.find("CONNECT 127.0.0.1:" + std::to_string(server.port()) + " HTTP/1.1") == 0);
  CHECK(server.connections() == 1);
  CHECK(server.requests()[0].find("Proxy-Authorization") == std::string::npos);
}

TEST_CASE_METHOD(UpstreamFixture, "what a proxy refuses is unreachable and reports no password", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  std::string asked;
  RawServer proxy(tunnel_to(server.port(), &asked, "Basic other"));
  Origin at = origin(server.port());
  at.proxy = GENERATE(as<std::string>{}, "http://user:secret@127.0.0.1:", "http://user:secret@127.0.0.1:1",
                      "quux://user:secret@127.0.0.1", "http://user:secret@[::1/");
  if (at.proxy.ends_with(':')) at.proxy += std::to_string(proxy.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::unreachable);
  CHECK(reply.end->error().detail.find("secret") == std::string::npos);
  CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(UpstreamFixture, "the environment's proxy is used unless configured not to", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  std::string asked;
  RawServer proxy(tunnel_to(server.port(), &asked));
  ::setenv("http_proxy", ("http://127.0.0.1:" + std::to_string(proxy.port())).c_str(), 1);
  const auto run = [&](std::string setting) {
    Origin at = origin(server.port());
    at.id += setting;
    at.proxy = std::move(setting);
    Recorder reply;
    auto call = get(at, reply);
    until_ended(reply);
    CHECK(reply.succeeded());
  };
  run("direct");
  CHECK(proxy.connections() == 0);
  run("");
  CHECK(proxy.connections() == 1);
  ::setenv("no_proxy", "127.0.0.1", 1);
  Origin at = origin(server.port());
  at.id += "again";
  at.proxy = "";
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.succeeded());
  CHECK(proxy.connections() == 1);
  ::unsetenv("http_proxy");
  ::unsetenv("no_proxy");
}
