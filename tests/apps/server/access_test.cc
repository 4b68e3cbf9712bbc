// Who may read the metrics and call the administration, and what long answers of it cost others.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "apps/server/running_server.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::chrono_literals;

TEST_CASE("metrics are for this machine, and not for what a proxy on it passes on", "[server][metrics]") {
  Running running;
  Visitor visitor(running.address());
  CHECK(visitor.ask(get("/metrics")).starts_with("HTTP/1.1 200"));
  for (const char* field : {"X-Forwarded-For: 192.0.2.1\r\n", "Forwarded: for=192.0.2.1\r\n"}) {
    const std::string answer = visitor.ask(get("/metrics", field));
    CHECK(answer.starts_with("HTTP/1.1 403"));
    CHECK(answer.find("gateway_") == answer.npos);
  }
  // A name that was made to lead here.
  CHECK(visitor.ask("GET /metrics HTTP/1.1\r\nHost: evil.example:8080\r\n\r\n").starts_with("HTTP/1.1 403"));
}

TEST_CASE("metrics have a token if the configuration says so", "[server][metrics]") {
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
      [](const AdminRequest& call, const WritePiece&) {
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
                  [](const AdminRequest&, const WritePiece&) {
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
  CHECK(running.told("administration: POST /admin/v1/keys by admin_token gave 201: key create --project=p key_1") == 1);
}

namespace {

// A call that is answered by many pieces, far more than sockets hold.
struct LongAnswer {
  static constexpr int kPieces = 400;
  std::atomic<int> written{0};
  std::atomic<bool> is_over{false};
  Running running{[](Config& config) { config.admin_token = Secret(kToken); },
                  [this](const AdminRequest& call, const WritePiece& write) {
                    if (call.path != "long") return AdminAnswer{200, "{}", {}, {}};
                    const std::string piece(64 * 1024, 'x');
                    while (written < kPieces && write(piece)) ++written;
                    is_over = true;
                    AdminAnswer answer;
                    answer.is_streamed = true;
                    if (written < kPieces) answer.error = api_error::overloaded();
                    return answer;
                  }};
  Visitor visitor{running.address()};

  static std::string call(const std::string& path) {
    return get("/admin/v1/" + path, "Authorization: Bearer " + kToken + "\r\n");
  }
  // Asks without reading, until no more is written.
  void ask_and_wait() {
    const std::string head = call("long");
    REQUIRE(::send(visitor.fd.get(), head.data(), head.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(head.size()));
    for (int last = -1, same = 0; same < 10; std::this_thread::sleep_for(50ms)) {
      same = written == last && written > 0 ? same + 1 : 0;
      last = written;
    }
  }
};

}  // namespace

TEST_CASE("a long answer of the administration waits for its client, and no other call for it",
          "[server][admin][stream]") {
  LongAnswer t;
  t.ask_and_wait();
  CHECK(t.written < LongAnswer::kPieces);
  CHECK(Visitor(t.running.address()).ask(LongAnswer::call("other")).starts_with("HTTP/1.1 200"));
  std::size_t read = 0;
  std::string end;
  char room[64 * 1024];
  while (!end.ends_with("0\r\n\r\n")) {
    const ssize_t n = ::recv(t.visitor.fd.get(), room, sizeof room, 0);
    REQUIRE(n > 0);
    read += static_cast<std::size_t>(n);
    end = (end + std::string(room, static_cast<std::size_t>(n)));
    end.erase(0, end.size() - std::min<std::size_t>(end.size(), 16));
  }
  CHECK(t.written == LongAnswer::kPieces);
  CHECK(read > LongAnswer::kPieces * 64u * 1024u);
}

TEST_CASE("a long answer ends with its client, and with the server", "[server][admin][stream]") {
  LongAnswer t;
  t.ask_and_wait();
  SECTION("the client leaves") {
    t.visitor.fd.reset();
    for (int i = 0; i < 400 && !t.is_over; ++i) std::this_thread::sleep_for(50ms);
  }
  SECTION("the server stops") { CHECK(t.running.server->stop()); }
  CHECK(t.is_over);
  CHECK(t.written < LongAnswer::kPieces);
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
