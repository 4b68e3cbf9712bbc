#include <cstdlib>

#include "adapters/curl/upstream_fixture.h"
#include "support/certificates.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

struct TlsFixture : UpstreamFixture {
  Certificates certificates;
  std::shared_ptr<net::TlsContext> context =
      net::TlsContext::load(certificates.certificate_file(), certificates.key_file()).value();

  Origin secure(std::uint16_t port, std::string ca_file) const {
    Origin at = origin(port, "https", "127.0.0.1");
    at.ca_file = std::move(ca_file);
    at.id += at.ca_file;
    return at;
  }
};

// Sets an environment variable while it lives.
struct Environment {
  Environment(const char* n, const std::string& value) : name(n) { ::setenv(n, value.c_str(), 1); }
  ~Environment() { ::unsetenv(name); }
  const char* name;
};

}  // namespace

TEST_CASE_METHOD(TlsFixture, "TLS with an authority of one's own", "[adapters][curl][tls]") {
  RawServer server(answering(answer("hello")), context);
  const Origin at = secure(server.port(), certificates.ca_file());
  for (int i = 0; i < 5; ++i) {
    Recorder reply;
    auto call = get(at, reply);
    until_ended(reply);
    REQUIRE(reply.succeeded());
    CHECK(reply.body == "hello");
  }
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(TlsFixture, "TLS with the system's authorities", "[adapters][curl][tls]") {
  const Environment place("SSL_CERT_FILE", certificates.ca_file());
  RawServer server(
      [](Peer& peer) {
        peer.read_request();
        peer.send(answer("hello", "connection: close\r\n"));
        peer.closed();
      },
      context);
  const Origin at = secure(server.port(), "");
  for (int i = 0; i < 3; ++i) {  // the second and third time with the first one's session
    Recorder reply;
    auto call = get(at, reply);
    until_ended(reply);
    REQUIRE(reply.succeeded());
    CHECK(reply.body == "hello");
  }
  CHECK(server.connections() == 3);
}

TEST_CASE_METHOD(TlsFixture, "an unknown authority, a wrong name and a missing file are unreachable",
                 "[adapters][curl][tls]") {
  const Certificates others, elsewhere("DNS:elsewhere.example");
  const auto theirs = net::TlsContext::load(elsewhere.certificate_file(), elsewhere.key_file()).value();
  RawServer ours_server(answering(answer("hello")), context), their_server(answering(answer("hello")), theirs);
  const int which = GENERATE(0, 1, 2, 3);
  const auto [at, word] = std::vector<std::pair<Origin, std::string>>{
      {secure(ours_server.port(), others.ca_file()), "certificate"},
      {secure(ours_server.port(), ""), "certificate"},
      {secure(their_server.port(), elsewhere.ca_file()), "127.0.0.1"},
      {secure(ours_server.port(), certificates.folder() + "/none.pem"), "none.pem"}}[static_cast<std::size_t>(which)];
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::unreachable);
  CHECK_THAT(reply.end->error().detail, Catch::Contains(word));
  CHECK(ours_server.requests().empty());
  CHECK(their_server.requests().empty());
}

TEST_CASE_METHOD(TlsFixture, "TLS to a server that speaks none is unreachable", "[adapters][curl][tls]") {
  RawServer server([](Peer& peer) {
    std::string some;
    peer.read_into(some);
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  Recorder reply;
  auto call = get(secure(server.port(), certificates.ca_file()), reply);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::unreachable);
}

TEST_CASE_METHOD(TlsFixture, "a handshake that hangs runs into the connecting limit", "[adapters][curl][tls]") {
  RawServer server([](Peer& peer) { peer.closed(); });
  Recorder reply;
  auto call = post(secure(server.port(), certificates.ca_file()), reply, {}, 200ms);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::unreachable);
}

TEST_CASE_METHOD(TlsFixture, "large bodies go both ways over TLS, paused and resumed", "[adapters][curl][tls]") {
  RawServer server(
      [](Peer& peer) {
        std::this_thread::sleep_for(50ms);
        for (;;) {
          const std::string request = peer.read_request();
          if (request.empty()) return;
          peer.send(answer(request.substr(request.find("\r\n\r\n") + 4)));
        }
      },
      context);
  const Origin at = secure(server.port(), certificates.ca_file());
  std::string large;
  for (int i = 0; large.size() < 12 * 1024 * 1024; ++i) large.append(std::to_string(i)).append(100, 'x');
  const std::vector<std::string_view> body{std::string_view(large).substr(0, 10),
                                           std::string_view(large).substr(10, 90), std::string_view(large).substr(100)};
  for (int i = 0; i < 2; ++i) {
    Recorder reply;
    bool paused = false;
    reply.at_body = [&] {
      paused = reply.pieces % 7 == 0;
      return paused ? Flow::pause : Flow::more;
    };
    auto call = post(at, reply, body);
    until([&] {
      if (std::exchange(paused, false)) call->resume();
      return reply.end.has_value();
    });
    REQUIRE(reply.succeeded());
    CHECK((reply.body == large));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(TlsFixture, "a TLS connection aborted without close_notify does not end an answer",
                 "[adapters][curl][tls]") {
  RawServer server(
      [](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
        peer.close();
      },
      context);
  Recorder reply;
  auto call = get(secure(server.port(), certificates.ca_file()), reply);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::lost);
  CHECK(reply.body == "hello");
}

TEST_CASE_METHOD(TlsFixture, "a TLS request is never sent twice", "[adapters][curl][tls]") {
  RawServer server(
      [](Peer& peer) {
        peer.read_request();
        peer.send(answer("hello"));
        peer.read_request();
        peer.reset();
      },
      context);
  const Origin at = secure(server.port(), certificates.ca_file());
  Recorder first, second;
  auto call = get(at, first);
  until_ended(first);
  const std::vector<std::string_view> body{"{}"};
  call = post(at, second, body);
  until_ended(second);
  CHECK(second.error() == ErrorCode::lost);
  CHECK(server.requests().size() == 2);
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(TlsFixture, "more TLS connections than one multi holds, idle ones closed by the server",
                 "[adapters][curl][tls]") {
  std::atomic<bool> end{false};
  std::atomic<int> ended{0};
  RawServer server(
      [&](Peer& peer) {
        while (!peer.read_request().empty()) {
          const bool last = end;  // as it was before the answer: its reader goes on as soon as it is there
          if (!peer.send(answer("hello"))) return;
          if (!last) continue;
          peer.close();
          ++ended;
          return;
        }
      },
      context);
  const Origin at = secure(server.port(), certificates.ca_file());
  const auto round = [&](std::size_t count) {
    std::vector<Recorder> replies(count);
    std::vector<std::unique_ptr<Call>> calls;
    for (auto& reply : replies) calls.push_back(post(at, reply, {}, 9s));
    for (auto& reply : replies) {
      until_ended(reply);
      REQUIRE(reply.succeeded());
    }
  };
  round(40);
  CHECK(server.connections() == 40);
  round(40);
  CHECK(server.connections() == 40);
  end = true;
  round(40);  // the last on each of those connections
  until([&] { return ended == 40; });
  loop.run_once(5ms);
  round(1);
  CHECK(server.connections() == 41);
}

TEST_CASE_METHOD(TlsFixture, "cancelling and destroying over TLS", "[adapters][curl][tls]") {
  std::atomic<int> closed{0};
  RawServer server(
      [&](Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello");
        if (peer.closed()) ++closed;
      },
      context);
  const Origin at = secure(server.port(), certificates.ca_file());
  Recorder at_head, at_body, outside;
  std::unique_ptr<Call> one, two, three;
  at_head.at_head = [&] { one.reset(); };
  at_body.at_body = [&] { return two.reset(), Flow::more; };
  one = get(at, at_head);
  two = get(at, at_body);
  three = get(at, outside);
  until([&] { return outside.body == "hello"; });
  three.reset();
  until([&] { return closed == 3; });
  CHECK_FALSE((at_head.end || at_body.end || outside.end));
}
