#include "net/tls_stream.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "net/fd.h"
#include "net/stream.h"
#include "support/catch.h"
#include "support/certificates.h"

using namespace gateway;
using namespace gateway::net;
using gateway::testing::Certificates;

namespace {

// A TLS client and our server's end on a socket pair, neither of which blocks.
struct Ends {
  explicit Ends(const Certificates& certificates, int version = TLS1_3_VERSION)
      : context(TlsContext::load(certificates.certificate_file(), certificates.key_file()).value()) {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    client_fd.reset(fds[1]);
    server = Stream(UniqueFd(fds[0]), *context);
    SSL_CTX* const client_context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(client_context, version);
    SSL_CTX_set_min_proto_version(client_context, version);
    SSL_CTX_set_security_level(client_context, 0);
    SSL_CTX_load_verify_file(client_context, certificates.ca_file().c_str());
    SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, nullptr);
    client = SSL_new(client_context);
    SSL_CTX_free(client_context);
    SSL_set_fd(client, client_fd.get());
    SSL_set_connect_state(client);
  }
  ~Ends() { SSL_free(client); }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  // The server's last outcome.
  IoResult shake_hands() {
    char room[16];
    IoResult result;
    for (int i = 0; i < 10; ++i) {
      SSL_do_handshake(client);
      result = server.read(room);
      if (result.status != IoStatus::again) break;
    }
    return result;
  }

  std::shared_ptr<TlsContext> context;
  UniqueFd client_fd;
  Stream server;
  SSL* client = nullptr;
};

}  // namespace

TEST_CASE("a TLS stream carries bytes both ways, gathered and of any size", "[net][tls]") {
  const Certificates certificates;
  Ends ends(certificates, GENERATE(TLS1_2_VERSION, TLS1_3_VERSION));
  REQUIRE(ends.shake_hands().status == IoStatus::again);
  char room[64 * 1024];
  CHECK(SSL_is_init_finished(ends.client));

  REQUIRE(SSL_write(ends.client, "hello", 5) == 5);
  const auto got = ends.server.read(room);
  CHECK((got.status == IoStatus::done && std::string(room, got.bytes) == "hello"));
  CHECK(ends.server.read(room).status == IoStatus::again);

  std::string head = "head;", body(3'000'000, 'b'), sent = head + body, received;
  for (std::size_t i = 0; i < body.size(); ++i) sent[head.size() + i] = body[i] = static_cast<char>(i * 7 / 3);
  std::size_t done = 0;
  bool waited = false;
  while (received.size() < sent.size()) {
    while (done < sent.size()) {
      const iovec both[] = {{head.data() + std::min(done, head.size()), head.size() - std::min(done, head.size())},
                            {body.data() + (done > head.size() ? done - head.size() : 0),
                             body.size() - (done > head.size() ? done - head.size() : 0)}};
      const auto result = ends.server.write(both);
      if (result.status == IoStatus::again) waited = true;
      if (result.status != IoStatus::done) break;
      done += result.bytes;
    }
    for (int n; (n = SSL_read(ends.client, room, sizeof room)) > 0;) received.append(room, static_cast<std::size_t>(n));
  }
  CHECK(waited);
  CHECK((received == sent));
}

TEST_CASE("an end in order is distinguished from failure", "[net][tls]") {
  const Certificates certificates;
  Ends ends(certificates);
  char room[100];
  REQUIRE(ends.shake_hands().status == IoStatus::again);
  SECTION("goodbye") {
    SSL_shutdown(ends.client);
    CHECK(ends.server.read(room).status == IoStatus::closed);
  }
  SECTION("without a word") {
    ends.client_fd.reset();
    CHECK(ends.server.read(room).status == IoStatus::closed);
  }
  SECTION("garbage") {
    REQUIRE(::send(ends.client_fd.get(), "garbage garbage", 15, 0) == 15);
    CHECK(ends.server.read(room).status == IoStatus::failed);
  }
  SECTION("writing to nobody raises no signal") {
    ends.client_fd.reset();
    std::string text(100'000, 'x');
    const iovec piece{text.data(), text.size()};
    CHECK(ends.server.write({&piece, 1}).status == IoStatus::closed);
  }
  SECTION("our goodbye reaches the client") {
    ends.server.close();
    CHECK(SSL_read(ends.client, room, sizeof room) <= 0);
    CHECK((SSL_get_shutdown(ends.client) & SSL_RECEIVED_SHUTDOWN) != 0);
  }
}

TEST_CASE("plain HTTP to a TLS listener fails with a reason", "[net][tls]") {
  const Certificates certificates;
  const auto context = TlsContext::load(certificates.certificate_file(), certificates.key_file()).value();
  int fds[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
  const UniqueFd ours(fds[0]), theirs(fds[1]);
  TlsStream stream(*context, ours.get());
  CHECK(stream.handshake().status == IoStatus::again);
  REQUIRE(::send(theirs.get(), "GET / HTTP/1.1\r\n\r\n", 18, 0) == 18);
  CHECK(stream.handshake().status == IoStatus::failed);
  CHECK_THAT(stream.error(), Catch::Contains("http request"));
}

TEST_CASE("TLS below 1.2 is refused", "[net][tls]") {
  const Certificates certificates;
  Ends ends(certificates, TLS1_1_VERSION);
  CHECK(ends.shake_hands().status == IoStatus::failed);
}

TEST_CASE("http/1.1 is agreed on if protocols are offered, others alone are refused", "[net][tls]") {
  const Certificates certificates;
  Ends ends(certificates);
  const std::string offered = GENERATE(as<std::string>{}, "\x02h2\x08http/1.1", "\x02h2");
  SSL_set_alpn_protos(ends.client, reinterpret_cast<const unsigned char*>(offered.data()),
                      static_cast<unsigned>(offered.size()));
  const auto outcome = ends.shake_hands().status;
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ends.client, &chosen, &size);
  if (offered.size() > 3) {
    CHECK(outcome == IoStatus::again);
    CHECK(std::string(reinterpret_cast<const char*>(chosen), size) == "http/1.1");
  } else {
    CHECK(outcome == IoStatus::failed);
  }
}

TEST_CASE("a context names the file that is wrong, and why", "[net][tls]") {
  const Certificates good, other;
  const auto message = [](const std::string& certificate, const std::string& key) {
    const auto context = TlsContext::load(certificate, key);
    REQUIRE_FALSE(context);
    CHECK(context.error().code == ErrorCode::invalid);
    return context.error().detail;
  };
  const std::string none = good.folder() + "/none.pem", text = good.folder() + "/text.pem";
  std::ofstream(text) << "hello\n";
  CHECK_THAT(message(none, good.key_file()), Catch::StartsWith(none) && Catch::Contains("cannot be read"));
  CHECK_THAT(message(good.certificate_file(), none), Catch::StartsWith(none) && Catch::Contains("cannot be read"));
  CHECK_THAT(message(text, good.key_file()), Catch::StartsWith(text));
  CHECK_THAT(message(good.certificate_file(), text), Catch::StartsWith(text));
  CHECK_THAT(message(good.certificate_file(), other.key_file()),
             Catch::StartsWith(other.key_file()) && Catch::Contains("mismatch"));
}
