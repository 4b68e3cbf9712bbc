#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "apps/server/running_server.h"
#include "support/certificates.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::chrono_literals;

namespace {

// The SHA-256 of the server's certificate; empty: no handshake.
std::string certificate_seen(const std::string& where, const std::string& request = {}, std::string* answer = nullptr) {
  Visitor visitor(where);
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL* const ssl = SSL_new(context);
  SSL_set_fd(ssl, visitor.fd.get());
  std::string seen;
  if (SSL_connect(ssl) == 1) {
    X509* const certificate = SSL_get1_peer_certificate(ssl);
    unsigned char digest[32];
    unsigned size = sizeof digest;
    if (X509_digest(certificate, EVP_sha256(), digest, &size) == 1) seen.assign(reinterpret_cast<char*>(digest), size);
    X509_free(certificate);
    if (!request.empty()) {
      char room[4096];
      SSL_write(ssl, request.data(), static_cast<int>(request.size()));
      for (int n; answer->find("\"ok\"") == answer->npos && (n = SSL_read(ssl, room, sizeof room)) > 0;) {
        answer->append(room, static_cast<std::size_t>(n));
      }
    }
  }
  SSL_free(ssl);
  SSL_CTX_free(context);
  return seen;
}

}  // namespace

TEST_CASE("the server answers on every address, from every worker", "[server][threads]") {
  Folder folder;
  const Running running([&](Config& config) {
    config.workers = 3;
    config.listen = {"127.0.0.1:0", "unix:" + folder.path + "/gateway.sock"};
  });
  REQUIRE(running.trouble.empty());
  for (std::size_t i = 0; i < 2; ++i) {
    for (int n = 0; n < 10; ++n) {
      Visitor visitor(running.address(i));
      CHECK(visitor.ask(kHealth).starts_with("HTTP/1.1 200 OK\r\n"));
      CHECK(visitor.ask(kHealth).starts_with("HTTP/1.1 200 OK\r\n"));
    }
  }
  Visitor visitor(running.address());
  const std::string body = R"({"model":"simulated/echo","messages":[{"role":"user","content":"Hello there"}]})";
  const std::string answer =
      visitor.ask("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + running.key +
                  "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.find("Hello there") != answer.npos);
}

TEST_CASE("a second server on an address that is taken does not start", "[server][threads]") {
  const Running first;
  REQUIRE(first.trouble.empty());
  const Running second([&](Config& config) { config.listen = {first.address()}; });
  CHECK(second.trouble.find(first.address()) != second.trouble.npos);
  CHECK(Visitor(first.address()).ask(kHealth).starts_with("HTTP/1.1 200"));
}

TEST_CASE("connections over the limit are refused at once, and there is room again when others leave",
          "[server][threads]") {
  const Running running([](Config& config) { config.server.max_connections = 2; });
  Visitor first(running.address());
  Visitor second(running.address());
  CHECK(first.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  CHECK(second.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  const std::string refused = Visitor(running.address()).read();
  CHECK(refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(refused.find("\"code\":\"overloaded\"") != refused.npos);
  CHECK(refused.find("x-request-id: req_") != refused.npos);
  CHECK(refused.find("retry-after: 1\r\n") != refused.npos);
  CHECK(first.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  first.fd.reset();
  CHECK(soon([&] { return Visitor(running.address()).ask(running.with_key()).starts_with("HTTP/1.1 200"); }));
}

TEST_CASE("a stranger's connection ends if its place is needed, the longest idle first", "[server][threads]") {
  const Running running([](Config& config) { config.server.max_connections = 3; });
  Visitor known(running.address()), older(running.address()), newer(running.address());
  CHECK(known.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  CHECK(newer.ask("GET /v1/key HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 401"));
  CHECK(older.ask("GET /v1/key HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 401"));
  CHECK(newer.ask("GET /v1/key HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 401"));
  Visitor fourth(running.address());
  CHECK(fourth.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  CHECK(older.ended());
  Visitor fifth(running.address());
  CHECK(fifth.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  CHECK(newer.ended());
  CHECK(Visitor(running.address()).read().starts_with("HTTP/1.1 503"));  // all have shown who they are, just now
  const std::string metrics = known.ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(metrics.find("\ngateway_connections_refused_total 3\n") != metrics.npos);
}

TEST_CASE("idle connections give way, whoever's they are", "[server][threads]") {
  const Running running([](Config& config) { config.server.max_connections = 2; });
  Visitor idle(running.address()), newer(running.address());
  CHECK(idle.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  CHECK(newer.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  CHECK(soon([&] { return Visitor(running.address()).ask(running.with_key()).starts_with("HTTP/1.1 200"); }));
  CHECK(idle.ended());
}

TEST_CASE("a connection without requests gives way, too", "[server][threads]") {
  const Running running([](Config& config) { config.server.max_connections = 1; });
  Visitor silent(running.address());
  CHECK(soon([&] { return Visitor(running.address()).ask(kHealth).starts_with("HTTP/1.1 200"); }));
  CHECK(silent.ended());
}

TEST_CASE("refused connections are counted, and reported once a second at most", "[server][tls][threads]") {
  const testing::Certificates certificates;
  const bool tls = GENERATE(false, true);
  const Running running([&](Config& config) {
    config.server.max_connections = 1;
    config.listen.push_back("unix:" + certificates.folder() + "/refusing.sock");
    if (tls) config.server.tls = {certificates.certificate_file(), certificates.key_file()};
  });
  Visitor inside(running.address(1));
  CHECK(inside.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  for (int i = 0; i < 50; ++i) {
    const std::string told = Visitor(running.address()).read();  // to its end
    CHECK(told.starts_with(tls ? "" : "HTTP/1.1 503"));
  }
  const std::string metrics = inside.ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(metrics.find("\ngateway_connections 1\n") != metrics.npos);
  CHECK(metrics.find("\ngateway_connections_refused_total 50\n") != metrics.npos);
  CHECK(running.told("too many connections: ") >= 1);
  CHECK(running.told("too many connections: ") < 10);
}

TEST_CASE("one address may not take all connections if there is a limit for each", "[server][threads]") {
  const Running running([](Config& config) { config.server.max_connections_per_address = 1; });
  Visitor first(running.address());
  CHECK(first.ask(kHealth).starts_with("HTTP/1.1 200"));
  CHECK(Visitor(running.address()).read().starts_with("HTTP/1.1 503"));
  first.fd.reset();
  CHECK(soon([&] { return Visitor(running.address()).ask(kHealth).starts_with("HTTP/1.1 200"); }));
}

TEST_CASE("TLS is spoken, and a renewed certificate taken without dropping anyone", "[server][tls][threads]") {
  const testing::Certificates old, renewed;
  Running running([&](Config& config) { config.server.tls = {old.certificate_file(), old.key_file()}; });
  REQUIRE(running.trouble.empty());
  std::string answer;
  const std::string first = certificate_seen(running.address(), kHealth, &answer);
  CHECK_FALSE(first.empty());
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));

  Config broken = running.config;
  broken.server.tls.certificate = old.folder() + "/none.pem";
  CHECK_FALSE(running.server->reload(broken));
  CHECK(certificate_seen(running.address()) == first);

  Config next = running.config;
  next.server.tls = {renewed.certificate_file(), renewed.key_file()};
  REQUIRE(running.server->reload(next));
  CHECK(soon([&] {
    const std::string seen = certificate_seen(running.address());
    return !seen.empty() && seen != first;
  }));
}

TEST_CASE("a client that speaks no TLS if there is TLS is dropped, others are not", "[server][tls][threads]") {
  const testing::Certificates certificates;
  const Running running([&](Config& config) {
    config.server.tls = {certificates.certificate_file(), certificates.key_file()};
  });
  Visitor plain(running.address());
  ::send(plain.fd.get(), kHealth.data(), kHealth.size(), MSG_NOSIGNAL);
  plain.read();
  CHECK(plain.ended());
  CHECK_FALSE(certificate_seen(running.address()).empty());
}

TEST_CASE("draining ends idle connections, takes no new ones, and stops with a written ledger", "[server][threads]") {
  Running running;
  Visitor idle(running.address());
  CHECK(idle.ask(kHealth).starts_with("HTTP/1.1 200"));
  const std::string address = running.address();
  running.server->drain();
  CHECK(idle.ended());
  CHECK(soon([&] { return running.server->drained(); }));
  CHECK_FALSE(Visitor(address).connected);
  CHECK(running.server->stop());
}

TEST_CASE("readiness fails before the listeners close", "[server][drain]") {
  Running running;
  running.server->end_readiness();
  Visitor visitor(running.address());
  CHECK(visitor.ask(get("/readyz")).starts_with("HTTP/1.1 503"));
  CHECK(visitor.ask(kHealth).starts_with("HTTP/1.1 200"));
}

TEST_CASE("loopback addresses are those of this machine", "[server][net]") {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "unix:/tmp/x", "[::ffff:127.0.0.1]:1"})
    CHECK(net::parse_address(text).value().is_loopback());
  for (const char* text : {"192.0.2.1:1", "0.0.0.0:1", "[::]:1", "[2001:db8::1]:1", "[::ffff:192.0.2.1]:1"})
    CHECK_FALSE(net::parse_address(text).value().is_loopback());
}
