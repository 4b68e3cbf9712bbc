#include <algorithm>

#include "apps/server/session_bench.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::chrono_literals;

TEST_CASE("a request is read, answered, and its connection serves the next", "[server][session]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.send(fd, post("hello", "Authorization: Bearer x\r\n"));
  bench.loop.turn();
  REQUIRE(bench.scripts.size() == 1);
  Script& first = bench.scripts[0];
  CHECK(first.method == "POST");
  CHECK(first.path == "/v1/chat/completions");
  CHECK(first.authorization == "Bearer x");
  CHECK(first.content_length == 5u);
  CHECK(first.body == "hello");
  CHECK(first.ended);
  CHECK(bench.receive(fd).empty());
  first.answer("world");
  bench.loop.turn();
  const std::string answer = bench.receive(fd);
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\ndate: Sun, 22 Nov 2026 12:00:00 GMT\r\nx-request-id: req_1\r\n"));
  CHECK(answer.ends_with("content-length: 5\r\n\r\nworld"));
  CHECK(first.destroyed);
  bench.at_open = [](Script& s) { s.answer("again"); };
  CHECK(bench.ask(fd, kGet).ends_with("again"));
  CHECK_FALSE(bench.closed(fd));
}

TEST_CASE("a request split anywhere is the same request", "[server][session]") {
  const std::string wire =
      "POST /a?b=c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < wire.size(); ++cut) {
    INFO("cut " << cut);
    SessionBench bench;
    bench.at_open = [](Script& s) { s.at_end = [](Script& own) { own.answer("ok"); }; };
    const int fd = bench.connect();
    CHECK(bench.ask(fd, wire.substr(0, cut)).empty());
    CHECK(bench.ask(fd, wire.substr(cut)).ends_with("\r\n\r\nok"));
    REQUIRE(bench.scripts.size() == 1);
    CHECK(bench.scripts[0].body == "abcde");
    CHECK(bench.scripts[0].query == "b=c");
  }
}

TEST_CASE("pipelined requests are answered in order, one after the other", "[server][session]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.send(fd, post("one") + post("two") + kGet);
  bench.loop.turns(3);
  REQUIRE(bench.scripts.size() == 1);  // the second waits for the first's answer
  bench.scripts[0].answer("first");
  bench.loop.turns(2);
  REQUIRE(bench.scripts.size() == 2);
  CHECK(bench.scripts[1].body == "two");
  bench.at_open = [](Script& s) { s.answer("third"); };
  bench.scripts[1].answer("second");
  bench.loop.turns(2);
  CHECK(bench.scripts.size() == 3);
  const std::string answers = bench.receive(fd);
  CHECK(answers.find("first") < answers.find("second"));
  CHECK(answers.find("second") < answers.find("third"));
  CHECK(count(answers, "HTTP/1.1 200") == 3);
}

TEST_CASE("many pipelined requests answered at once all get their answer, and input is bounded", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer(std::string(2000, 'x')); };
  const int fd = bench.connect();
  std::string wire;
  for (int i = 0; i < 1000; ++i) wire += kGet;
  std::size_t sent = 0;
  std::string answers;
  for (int turn = 0; turn < 4000 && count(answers, "HTTP/1.1 200") < 1000; ++turn) {
    const ssize_t n = ::send(fd, wire.data() + sent, wire.size() - sent, MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
    bench.loop.turn();
    answers += bench.receive(fd);
  }
  CHECK(count(answers, "HTTP/1.1 200") == 1000);
}

TEST_CASE("of requests that came at once one is answered in a turn, so that others get theirs", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("x"); };
  const int busy = bench.connect();
  const int other = bench.connect();
  std::string wire;
  for (int i = 0; i < 300; ++i) wire += kGet;
  bench.send(busy, wire);
  bench.loop.turn();
  CHECK(bench.scripts.size() == 1);
  bench.send(other, kGet);
  bench.loop.turn();
  CHECK(bench.scripts.size() == 3);
  CHECK(has(bench.receive(other), "HTTP/1.1 200"));
  std::string answers;
  for (int turn = 0; turn < 400; ++turn) {
    bench.loop.turn();
    answers += bench.receive(busy);
  }
  CHECK(count(answers, "HTTP/1.1 200") == 300);
}

TEST_CASE("the next request is not begun before the answer to the last one is sent", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer(std::string(1'000'000, 'x')); };
  const int fd = bench.connect();
  bench.send(fd, kGet + kGet);
  bench.loop.turns(10);
  CHECK(bench.scripts.size() == 1);  // its end is not in the socket yet
  std::string all;
  for (int i = 0; i < 1000 && bench.scripts.size() == 1; ++i) {
    all += bench.receive(fd, nullptr, 64 * 1024);
    bench.loop.turn();
  }
  CHECK(bench.scripts.size() == 2);
  CHECK(all.size() > 500'000);
}

TEST_CASE("what strangers leave unread and unfinished is bounded, all connections together", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("no", 401); };
  SECTION("input that waits for an answer to be sent") {
    std::string wire;
    while (wire.size() < 100'000) wire += kGet;
    for (int i = 0; i < 20; ++i) {
      const int fd = bench.connect();
      const int small = 4096;
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
      for (int turn = 0; turn < 100; ++turn) {
        static_cast<void>(::send(fd, wire.data(), wire.size(), MSG_NOSIGNAL));
        bench.loop.turn();
      }
    }
    CHECK(bench.context.memory.taken() <= 20 * 64 * 1024);
  }
  SECTION("heads that do not end") {
    bench.set_limits([](SessionLimits& limits) { limits.memory = 100'000; });
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nx-long: " + std::string(9000, 'x');
    std::vector<int> strangers;
    int refused = 0;
    for (int i = 0; i < 50; ++i) {
      refused += has(bench.ask(strangers.emplace_back(bench.connect()), head), "HTTP/1.1 503") ? 1 : 0;
    }
    CHECK(bench.context.memory.taken() <= 110'000);
    for (const int fd : strangers) refused += has(bench.receive(fd), "HTTP/1.1 503") ? 1 : 0;
    CHECK(refused >= 38);
    CHECK(refused < 50);
    CHECK(has(bench.ask(bench.connect(), kGet), "HTTP/1.1 401"));  // one that is complete is served all the same
  }
  for (Http1Session* session : std::vector(bench.sessions())) session->abort_now();
  bench.loop.turns(2);
  CHECK(bench.context.memory.taken() == 0);
}

TEST_CASE("who holds most of the connections' memory has to go, and not the next one to come", "[server][session]") {
  SessionBench bench;
  bench.set_limits([](SessionLimits& limits) { limits.memory = 1'000'000; });
  std::vector<std::string> refused;
  bench.context.on_refused = [&](std::string_view code, std::string_view) { refused.emplace_back(code); };
  bench.at_open = [](Script& s) { s.answer(std::string(s.path == "/small" ? 10 : 300'000, 'x')); };
  std::vector<int> slow;
  for (int i = 0; i < 12; ++i) {
    const int fd = slow.emplace_back(bench.connect());
    bench.send(fd, kGet);
    bench.loop.turns(3);
    CHECK(bench.context.memory.taken() <= 1'300'000);
  }
  const int stranger = bench.connect(), other = bench.connect();
  bench.ask(stranger, "GET /sm");
  CHECK(has(bench.ask(stranger, "all HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200"));
  CHECK(has(bench.ask(other, "GET /small HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200"));
  CHECK(bench.context.memory.taken() <= 1'000'000);
  const auto ended = std::count_if(slow.begin(), slow.end(), [&](int fd) { return bench.closed(fd); });
  CHECK(ended > 6);
  CHECK(static_cast<std::size_t>(ended) == refused.size());
}

TEST_CASE("who was refused for its key is not waited for as long as others", "[server][session]") {
  SessionBench bench;
  int status = 401;
  bench.at_open = [&](Script& s) { s.answer("x", status); };
  const int stranger = bench.connect();
  bench.ask(stranger, kGet);
  status = 200;
  const int other = bench.connect();
  bench.ask(other, kGet);
  bench.loop.turn(4s);
  CHECK_FALSE(bench.closed(stranger));
  bench.loop.turn(2s);
  CHECK(bench.closed(stranger));
  CHECK_FALSE(bench.closed(other));
}

TEST_CASE("a client that pipelines without reading is not read without bound", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer(std::string(2000, 'x')); };
  const int fd = bench.connect();
  std::string wire;
  for (int i = 0; i < 1000; ++i) wire += kGet;
  std::size_t sent = 0;
  for (int turn = 0; turn < 500; ++turn) {
    const ssize_t n = ::send(fd, wire.data(), wire.size(), MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
    bench.loop.turn();
  }
  const std::size_t before = sent;
  CHECK(::send(fd, wire.data(), wire.size(), MSG_NOSIGNAL) < 0);
  CHECK(bench.scripts.size() < 1000);  // 256 KiB of answers wait, and what the socket took
  CHECK(before < 4'000'000);
}

TEST_CASE("HEAD is handled as GET and answered without a body", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("body"); };
  const int fd = bench.connect();
  const std::string answer = bench.ask(fd, "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(bench.scripts[0].method == "GET");
  CHECK(has(answer, "content-length: 4\r\n"));
  CHECK(answer.ends_with("\r\n\r\n"));
  CHECK(bench.ask(fd, kGet).ends_with("body"));
}

TEST_CASE("a stream goes out in chunks, each turn's events at once", "[server][session]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.ask(fd, post("{}"));
  Script& script = bench.scripts[0];
  script.begin_stream();
  CHECK(script.body_out->send_body("data: 1\n\n") == Flow::more);
  CHECK(script.body_out->send_body("data: 2\n\n") == Flow::more);
  CHECK(bench.receive(fd).empty());
  bench.loop.turn();
  const std::string start = bench.receive(fd);
  CHECK(has(start, "transfer-encoding: chunked\r\n"));
  CHECK(start.ends_with("\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n"));
  script.body_out->finish();
  bench.loop.turn();
  CHECK(bench.receive(fd) == "0\r\n\r\n");
  CHECK(script.destroyed);
  CHECK_FALSE(bench.closed(fd));
}

TEST_CASE("an HTTP/1.0 client gets no chunks, and the connection's end for the answer's", "[server][session]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.ask(fd, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  bench.scripts[0].begin_stream();
  static_cast<void>(bench.scripts[0].body_out->send_body("data: 1\n\n"));
  bench.scripts[0].body_out->finish();
  bench.loop.turn();
  bool ended = false;
  const std::string answer = bench.receive(fd, &ended);
  CHECK_FALSE(has(answer, "transfer-encoding"));
  CHECK(has(answer, "connection: close\r\n"));
  CHECK(answer.ends_with("\r\n\r\ndata: 1\n\n"));
  CHECK(ended);
}

TEST_CASE("an HTTP/1.0 client keeps its connection only on request", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("ok"); };
  const int kept = bench.connect();
  CHECK(has(bench.ask(kept, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "connection: keep-alive\r\n"));
  CHECK_FALSE(bench.closed(kept));
  const int once = bench.connect();
  bool ended = false;
  CHECK(has(bench.ask(once, "GET /a HTTP/1.0\r\n\r\n", &ended), "connection: close\r\n"));
  CHECK(ended);
}

TEST_CASE("a client that requests a close gets its answer and the end", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("ok"); };
  const int fd = bench.connect();
  bool ended = false;
  const std::string answer = bench.ask(fd, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + kGet, &ended);
  CHECK(count(answer, "HTTP/1.1") == 1);
  CHECK(has(answer, "connection: close\r\n"));
  CHECK(ended);
}

TEST_CASE("leave to send a body is sent once the exchange wants it", "[server][session]") {
  SessionBench bench;
  const int fd = bench.connect();
  const std::string head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  CHECK(bench.ask(fd, head) == "HTTP/1.1 100 Continue\r\n\r\n");
  bench.ask(fd, "hello");
  CHECK(bench.scripts[0].body == "hello");
  bench.scripts[0].answer("ok");
  bench.loop.turn();
  CHECK(bench.receive(fd).ends_with("\r\n\r\nok"));
  CHECK_FALSE(bench.closed(fd));
}

TEST_CASE("a refused client gets no leave to send its body, and nothing it sends is taken for a request",
          "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("no", 401); };
  const int fd = bench.connect();
  bool ended = false;
  const std::string answer =
      bench.ask(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n", &ended);
  CHECK(answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
  CHECK(has(answer, "connection: close\r\n"));
  CHECK_FALSE(has(answer, "100 Continue"));
  bench.ask(fd, kGet);
  CHECK(bench.scripts.size() == 1);
}

TEST_CASE("an expectation that cannot be met is refused before anything is opened", "[server][session]") {
  SessionBench bench;
  const int fd = bench.connect();
  bool ended = false;
  const std::string answer = bench.ask(fd, post("x", "Expect: the-moon\r\n"), &ended);
  CHECK(answer.starts_with("HTTP/1.1 417 Expectation Failed\r\n"));
  CHECK(has(answer, "\"code\":\"expectation_failed\""));
  CHECK(has(answer, "x-request-id: req_"));
  CHECK(ended);
  CHECK(bench.scripts.empty());
}

TEST_CASE("OPTIONS for the server itself reports what it allows; for a path it is the gateway's to answer",
          "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("no", 405); };
  const int fd = bench.connect();
  const std::string answer = bench.ask(fd, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 204 No Content\r\n"));
  CHECK(has(answer, "allow: GET, HEAD, POST, DELETE, OPTIONS\r\n"));
  CHECK(has(answer, "x-request-id: req_"));
  CHECK(bench.scripts.empty());
  const std::string preflight =
      "OPTIONS /v1/models HTTP/1.1\r\nHost: a\r\nOrigin: https://page.example\r\n"
      "Access-Control-Request-Method: GET\r\n\r\n";
  CHECK(bench.ask(fd, preflight).starts_with("HTTP/1.1 405"));
  CHECK(bench.scripts[0].method == "OPTIONS");
}

TEST_CASE("pages of the origins that the configuration names may read answers, others may not", "[server][session]") {
  SessionBench bench;
  bench.set_limits([](SessionLimits& l) { l.cors_origins = {"https://page.example"}; });
  bench.at_open = [](Script& s) { s.answer("ok"); };
  const int fd = bench.connect();
  const auto preflight = [&](const std::string& origin) {
    return bench.ask(fd, "OPTIONS /v1/models HTTP/1.1\r\nHost: a\r\nOrigin: " + origin +
                             "\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-a\r\n\r\n");
  };
  const std::string allowed = preflight("https://page.example");
  CHECK(allowed.starts_with("HTTP/1.1 204"));
  CHECK(has(allowed, "access-control-allow-origin: https://page.example\r\n"));
  CHECK(has(allowed, "access-control-allow-headers: x-a\r\n"));
  CHECK(count(allowed, "access-control-allow-origin") == 1);
  CHECK_FALSE(has(preflight("https://other.example"), "access-control"));
  const auto get = [&](const std::string& fields) {
    return bench.ask(fd, "GET /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
  };
  CHECK(has(get("Origin: https://page.example\r\n"), "access-control-allow-origin: https://page.example\r\n"));
  CHECK(has(get("Origin: https://page.example\r\n"), "access-control-expose-headers: x-request-id"));
  CHECK_FALSE(has(get("Origin: null\r\n"), "access-control"));
  CHECK_FALSE(has(get(""), "access-control"));
}

TEST_CASE("where the opener allows no CORS, no page of any other origin may read answers", "[server][session]") {
  SessionBench bench;
  bench.set_limits([](SessionLimits& l) { l.cors_origins = {"*"}; });
  bench.no_cors_at = "/admin/v1/projects";
  bench.at_open = [](Script& s) { s.answer("ok"); };
  const int fd = bench.connect();
  const std::string origin = " HTTP/1.1\r\nHost: a\r\nOrigin: https://page.example\r\n";
  CHECK_FALSE(has(bench.ask(fd, "GET /admin/v1/projects" + origin + "\r\n"), "access-control"));
  CHECK(has(bench.ask(fd, "GET /v1/models" + origin + "\r\n"), "access-control-allow-origin: *"));
  const std::string asked = "Access-Control-Request-Method: DELETE\r\n\r\n";
  CHECK_FALSE(has(bench.ask(fd, "OPTIONS /admin/v1/projects" + origin + asked), "access-control"));
}
