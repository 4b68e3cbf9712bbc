#include "app/server/server.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/first_run.h"
#include "gateway/testing/memory_store.h"
#include "gateway/yaml_config.h"
#include "net/address.h"
#include "net/fd.h"
#include "support/catch.h"
#include "support/certificates.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::chrono_literals;

namespace {

const std::string kHealth = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gateway-server-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

class Running {
 public:
  using Administer = std::function<AdminAnswer(Server&, const AdminRequest&)>;
  explicit Running(const std::function<void(Config&)>& change = {}, Administer admin = {})
      : Running(config_with(change), std::move(admin)) {}
  explicit Running(const Config& with, Administer admin = {}) : config(with) {
    auto store = std::make_unique<testing::MemoryStore>();
    key = make_default_project(*store, WallTime{}).value().value();
    Server::Options options;
    options.config = config;
    options.journal_directory = folder.path + "/journals";
    options.log = [this](const LogEvent& event) {
      const std::lock_guard lock(logging);
      logged.emplace_back(event.message);
    };
    options.admin = std::move(admin);
    auto started = Server::start(std::move(store), std::move(options));
    if (started) {
      server = std::move(*started);
    } else {
      trouble = started.error().detail;
    }
  }
  static Config config_with(const std::function<void(Config&)>& change) {
    Config config = default_config([](const std::string&) { return std::nullopt; });
    config.listen = {"127.0.0.1:0"};
    config.workers = 1;
    if (change) change(config);
    return config;
  }
  std::string address(std::size_t i = 0) const { return server->addresses().at(i); }

  std::string with_key() const {
    return "GET /v1/key HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + key + "\r\n\r\n";
  }
  // How many lines begin with it.
  std::ptrdiff_t told(std::string_view beginning) const {
    const std::lock_guard lock(logging);
    return std::count_if(logged.begin(), logged.end(), [&](const auto& line) { return line.starts_with(beginning); });
  }

  Folder folder;
  Config config;
  std::string key, trouble;
  mutable std::mutex logging;
  std::vector<std::string> logged;  // under logging
  std::unique_ptr<Server> server;
};

class Visitor {
 public:
  explicit Visitor(const std::string& where) {
    const net::Address address = net::parse_address(where).value();
    fd.reset(::socket(address.storage.ss_family, SOCK_STREAM, 0));
    const timeval patience{20, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected = ::connect(fd.get(), address.get(), address.size) == 0;
  }
  std::string ask(const std::string& bytes) {
    ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return read();
  }
  // Until an answer with its length is whole, or the end.
  std::string read() {
    std::string all;
    char room[4096];
    for (ssize_t n; (n = ::recv(fd.get(), room, sizeof room, 0)) > 0;) {
      all.append(room, static_cast<std::size_t>(n));
      const std::size_t length = all.find("content-length: ");
      const std::size_t body = all.find("\r\n\r\n");
      if (length < body && body != all.npos && all.size() >= body + 4 + std::stoul(all.substr(length + 16))) break;
    }
    return all;
  }
  bool ended() {
    char byte;
    return ::recv(fd.get(), &byte, 1, 0) == 0;
  }
  net::UniqueFd fd;
  bool connected = false;
};

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

template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
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

TEST_CASE("connections over the limit are told so at once, and there is room again when others leave",
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

TEST_CASE("a stranger's connection ends where its place is needed, the longest idle first", "[server][threads]") {
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

TEST_CASE("a connection that nobody asks on gives way, too", "[server][threads]") {
  const Running running([](Config& config) { config.server.max_connections = 1; });
  Visitor silent(running.address());
  CHECK(soon([&] { return Visitor(running.address()).ask(kHealth).starts_with("HTTP/1.1 200"); }));
  CHECK(silent.ended());
}

TEST_CASE("refused connections are counted, and told of once a second at most", "[server][tls][threads]") {
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

TEST_CASE("one address may not take all connections where there is a limit for each", "[server][threads]") {
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

TEST_CASE("a client that speaks no TLS where there is TLS is dropped, others are not", "[server][tls][threads]") {
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

namespace {

std::string get(const std::string& path, const std::string& fields = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
const std::string kToken = "a-token-of-26-characters-!";

}  // namespace

TEST_CASE("metrics are for this machine, and not for what a proxy on it passes on", "[server][metrics]") {
  Running running;
  Visitor visitor(running.address());
  CHECK(visitor.ask(get("/metrics")).starts_with("HTTP/1.1 200"));
  for (const char* field : {"X-Forwarded-For: 192.0.2.1\r\n", "Forwarded: for=192.0.2.1\r\n"}) {
    const std::string answer = visitor.ask(get("/metrics", field));
    CHECK(answer.starts_with("HTTP/1.1 403"));
    CHECK(answer.find("gateway_") == answer.npos);
  }
}

TEST_CASE("metrics have a token where the configuration says so", "[server][metrics]") {
  Running running([](Config& config) { config.metrics.token = Secret(kToken); });
  Visitor visitor(running.address());
  CHECK(visitor.ask(get("/metrics")).starts_with("HTTP/1.1 403"));
  CHECK(visitor.ask(get("/metrics", "Authorization: Bearer " + kToken + "x\r\n")).starts_with("HTTP/1.1 403"));
  CHECK(visitor.ask(get("/metrics", "Authorization: Bearer " + kToken + "\r\n")).starts_with("HTTP/1.1 200"));
}

TEST_CASE("metrics have an address of their own, which serves nothing else and is not full of clients",
          "[server][metrics]") {
  Running running([](Config& config) {
    config.metrics.listen = {"127.0.0.1:0"};
    config.server.max_connections = 1;
  });
  Visitor client(running.address());
  CHECK(client.ask(get("/metrics")).starts_with("HTTP/1.1 403"));
  CHECK(client.ask(running.with_key()).starts_with("HTTP/1.1 200"));
  REQUIRE(running.server->addresses(Service::metrics).size() == 1);
  Visitor monitor(running.server->addresses(Service::metrics)[0]);
  CHECK(monitor.ask(get("/metrics")).starts_with("HTTP/1.1 200"));
  CHECK(monitor.ask(get("/healthz")).starts_with("HTTP/1.1 200"));
  const std::string elsewhere = monitor.ask(get("/v1/key", "Authorization: Bearer " + running.key + "\r\n"));
  CHECK(elsewhere.starts_with("HTTP/1.1 404"));
  CHECK(elsewhere.find("This address serves only /metrics, /healthz and /readyz.") != std::string::npos);
  CHECK(elsewhere.find("x-request-id: ") != std::string::npos);
  CHECK(Visitor(running.address()).ask(kHealth).starts_with("HTTP/1.1 503"));
}

TEST_CASE("the administration at an address of its own is nowhere else", "[server][admin]") {
  Running running(
      [](Config& config) {
        config.admin_token = Secret(kToken);
        config.admin_listen = {"127.0.0.1:0"};
      },
      [](Server&, const AdminRequest& call) {
        return AdminAnswer{200, "{\"path\":\"" + call.path + "\"}", {}, {}};
      });
  const std::string call = get("/admin/v1/projects", "Authorization: Bearer " + kToken + "\r\n");
  CHECK(Visitor(running.address()).ask(call).starts_with("HTTP/1.1 404"));
  const std::string own = running.server->addresses(Service::administration).at(0);
  CHECK(Visitor(own).ask(call).find("\"path\":\"projects\"") != std::string::npos);
  CHECK(Visitor(own).ask(get("/metrics")).starts_with("HTTP/1.1 403"));
  CHECK(Visitor(own).ask(get("/v1/models")).find("This address serves only the administration") != std::string::npos);
  Config moved = running.config;  // a reload does not open it to clients
  moved.admin_listen.clear();
  REQUIRE(running.server->reload(moved).has_value());
  CHECK(Visitor(running.address()).ask(call).starts_with("HTTP/1.1 404"));
}

TEST_CASE("whoever guesses admin tokens has to pause, is counted, and is logged with its address", "[server][admin]") {
  Running running([](Config& config) { config.admin_token = Secret(kToken); },
                  [](Server&, const AdminRequest&) {
                    return AdminAnswer{201, "{}", {}, "key create --project=p key_1"};
                  });
  Visitor visitor(running.address());
  int wrong = 0, paused = 0;
  for (int i = 0; i < 30; ++i) {
    const std::string answer = visitor.ask(get("/admin/v1/projects", "Authorization: Bearer wrong\r\n"));
    wrong += answer.starts_with("HTTP/1.1 401") ? 1 : 0;
    paused += answer.starts_with("HTTP/1.1 429") && answer.find("retry-after: ") != answer.npos ? 1 : 0;
  }
  CHECK(wrong >= TokenGuard::kFreeTries);
  CHECK(wrong < 20);
  CHECK(wrong + paused == 30);
  CHECK(running.told("refused: invalid_admin_token") >= 1);
  CHECK(Visitor(running.address()).ask(get("/metrics")).find("reason=\"invalid_admin_token\"} 30\n") !=
        std::string::npos);
  const std::string good =
      "POST /admin/v1/keys HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + kToken + "\r\nContent-Length: 2\r\n\r\n{}";
  std::string answer;
  for (int i = 0; i < 200 && !answer.starts_with("HTTP/1.1 201"); ++i) {
    answer = visitor.ask(good);
    std::this_thread::sleep_for(50ms);
  }
  CHECK(answer.starts_with("HTTP/1.1 201"));
  CHECK(running.told("administration: POST /admin/v1/keys gave 201: key create --project=p key_1") == 1);
}

TEST_CASE("pauses for wrong tokens grow, end, and are forgotten after a right one", "[server][admin]") {
  TokenGuard guard;
  TimePoint now{1h};
  for (int i = 0; i < TokenGuard::kFreeTries; ++i) {
    CHECK(guard.pause("a", now) == 0ms);
    guard.failed("a", now);
  }
  CHECK(guard.pause("a", now) == 1s);
  CHECK(guard.pause("b", now) == 0ms);
  now += 1s;
  CHECK(guard.pause("a", now) == 0ms);
  guard.failed("a", now);
  CHECK(guard.pause("a", now) == 2s);
  for (int i = 0; i < 20; ++i) guard.failed("a", now);
  CHECK(guard.pause("a", now) == 60s);
  guard.succeeded("a");
  CHECK(guard.pause("a", now) == 0ms);
  guard.failed("a", now);
  CHECK(guard.pause("a", now) == 0ms);
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
