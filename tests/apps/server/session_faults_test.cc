#include "apps/server/session_bench.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::chrono_literals;

TEST_CASE("malformed HTTP is answered in our shape, and the connection ends", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  bool ended = false;
  const std::string answer = bench.ask(fd, "GET / HTTP/1.1\r\nHost : a\r\n\r\n" + kGet, &ended);
  CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(has(answer, "content-type: application/json\r\n"));
  CHECK(has(answer, "connection: close\r\n"));
  CHECK(has(answer, "x-request-id: req_"));
  CHECK(has(answer, "\"type\":\"invalid_request_error\""));
  CHECK(has(answer, "\"code\":\"malformed_http\""));
  CHECK(count(answer, "HTTP/1.1 ") == 1);
  CHECK(ended);
  CHECK(bench.scripts.empty());
}

TEST_CASE("a request after a malformed one, and a malformed one after a request, in their order",
          "[server][session][faults]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("fine"); };
  const int fd = bench.connect();
  const std::string answers = bench.ask(fd, kGet + "BAD\r\n\r\n" + kGet);
  CHECK(count(answers, "HTTP/1.1 ") == 2);
  CHECK(answers.find("fine") < answers.find("malformed_http"));
  CHECK(bench.scripts.size() == 1);
}

TEST_CASE("chunks that go wrong within a body end the exchange unanswered by it", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.ask(fd, "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
  REQUIRE(bench.scripts.size() == 1);
  const std::string answer = bench.ask(fd, "zz\r\n");
  CHECK(answer.starts_with("HTTP/1.1 400 "));
  CHECK(bench.scripts[0].destroyed);
  CHECK_FALSE(bench.scripts[0].ended);
}

TEST_CASE("a body declared too large is refused by its length alone", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  const std::string answer = bench.ask(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 413 Content Too Large\r\n"));
  CHECK(has(answer, "\"code\":\"request_too_large\""));
  CHECK(bench.scripts.empty());
}

TEST_CASE("a head that drips in gets 408 when its time is over, however it drips", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.loop.turn();
  std::string answer;
  for (int i = 0; i < 12 && answer.empty(); ++i) {
    ::send(fd, "G", 1, MSG_NOSIGNAL);
    bench.loop.turn(1s);
    bench.loop.turn();
    answer = bench.receive(fd);
    CHECK((i >= 9) == !answer.empty());
  }
  CHECK(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(has(answer, "\"code\":\"request_timeout\""));
  CHECK(has(answer, "connection: close\r\n"));
}

TEST_CASE("a body that drips in gets 408 when its time is over, and is not dispatched", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.ask(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  std::string answer;
  int seconds = 0;
  while (answer.empty() && seconds < 100) {
    ::send(fd, "x", 1, MSG_NOSIGNAL);
    bench.loop.turn(1s);
    bench.loop.turn();
    ++seconds;
    answer = bench.receive(fd);
  }
  CHECK(seconds == 60);
  CHECK(answer.starts_with("HTTP/1.1 408 "));
  CHECK(bench.scripts[0].destroyed);
  CHECK_FALSE(bench.scripts[0].ended);
}

TEST_CASE("a connection on which nothing comes is closed without a word", "[server][session][faults]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("ok"); };
  const int silent = bench.connect();
  const int kept = bench.connect();
  bench.ask(kept, kGet);
  bench.loop.turn(10s);
  bench.loop.turn();
  bool ended = false;
  CHECK(bench.receive(silent, &ended).empty());
  CHECK(ended);
  CHECK_FALSE(bench.closed(kept));
  bench.loop.turn(64s);
  CHECK_FALSE(bench.closed(kept));
  bench.loop.turn(2s);
  bench.loop.turn();
  CHECK(bench.closed(kept));
  CHECK(bench.sessions().empty());
}

TEST_CASE("a client that leaves while it waits cancels its exchange in the same turn", "[server][session][faults]") {
  for (const bool half : {false, true}) {
    for (const bool streaming : {false, true}) {
      INFO("half " << half << " streaming " << streaming);
      SessionBench bench;
      const int fd = bench.connect();
      bench.ask(fd, post("{}"));
      if (streaming) {
        bench.scripts[0].begin_stream();
        static_cast<void>(bench.scripts[0].body_out->send_body("data: 1\n\n"));
        bench.loop.turn();
        bench.receive(fd);
      }
      CHECK_FALSE(bench.scripts[0].destroyed);
      ::shutdown(fd, half ? SHUT_WR : SHUT_RDWR);
      bench.loop.turn();
      CHECK(bench.scripts[0].destroyed);
      CHECK(bench.sessions().empty());
    }
  }
}

TEST_CASE("a client that leaves with pipelined bytes unread is noticed too", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.send(fd, post("{}"));
  bench.loop.turn();
  const std::string more(60 * 1024, 'x');
  for (int i = 0; i < 20; ++i) {
    ::send(fd, more.data(), more.size(), MSG_NOSIGNAL);
    bench.loop.turn();
  }
  CHECK_FALSE(bench.scripts[0].destroyed);
  CHECK(::send(fd, more.data(), more.size(), MSG_NOSIGNAL) < 0);  // no more is read
  ::shutdown(fd, SHUT_WR);
  bench.loop.turn();
  CHECK(bench.scripts[0].destroyed);
}

TEST_CASE("a client that ends its side right after a request still gets an answer that is there at once",
          "[server][session][faults]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("ok"); };
  const int fd = bench.connect();
  bench.send(fd, kGet);
  ::shutdown(fd, SHUT_WR);
  bench.loop.turns(2);
  bool ended = false;
  CHECK(bench.receive(fd, &ended).ends_with("\r\n\r\nok"));
  CHECK(ended);
}

TEST_CASE("a client gone within its body leaves nothing dispatched", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.ask(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  ::shutdown(fd, SHUT_RDWR);
  bench.loop.turn();
  CHECK(bench.scripts[0].destroyed);
  CHECK_FALSE(bench.scripts[0].ended);
}

TEST_CASE("a slow reader pauses its exchange at 256 KiB and lets it go on below 64", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.ask(fd, post("{}"));
  Script& script = bench.scripts[0];
  script.begin_stream();
  const std::string piece(16 * 1024, 'x');
  std::size_t sent = 0;
  while (script.body_out->send_body(piece) == Flow::more && sent < 4'000'000) {
    sent += piece.size();
    bench.loop.turn();
  }
  CHECK(sent < 1'000'000);  // 256 KiB and what the socket holds
  bench.loop.turns(3);
  CHECK(script.drained == 0);
  std::size_t got = 0;
  for (int i = 0; i < 1000 && script.drained == 0; ++i) {
    got += bench.receive(fd, nullptr, 8 * 1024).size();
    bench.loop.turn();
  }
  CHECK(script.drained == 1);
  CHECK(got > sent / 2);
  CHECK(script.body_out->send_body(piece) == Flow::more);
}

TEST_CASE("a reader that takes nothing at all is dropped, one that takes a little is not",
          "[server][session][faults]") {
  SessionBench bench;
  const int stuck = bench.connect();
  const int slow = bench.connect();
  const std::string piece(64 * 1024, 'x');
  for (int fd : {stuck, slow}) bench.ask(fd, post("{}"));
  for (Script& script : bench.scripts) {
    script.begin_stream();
    while (script.body_out->send_body(piece) == Flow::more) bench.loop.turn();
  }
  for (int i = 0; i < 3; ++i) {
    bench.loop.turn(9s);
    bench.receive(slow, nullptr, 128 * 1024);
    bench.loop.turn();
  }
  CHECK_FALSE(bench.scripts[0].destroyed);
  bench.loop.turn(4s);
  bench.loop.turn();
  CHECK(bench.scripts[0].destroyed);
  CHECK_FALSE(bench.scripts[1].destroyed);
}

TEST_CASE("a reader that is slow but steady is not dropped, and its exchange hears of it",
          "[server][session][faults]") {
  SessionBench bench;
  bench.set_limits([](SessionLimits& limits) { limits.stall = 1s; });
  const int fd = bench.connect();
  bench.ask(fd, post("{}"));
  Script& script = bench.scripts[0];
  script.begin_stream();
  const std::string piece(16 * 1024, 'x');
  while (script.body_out->send_body(piece) == Flow::more) bench.loop.turn();
  bench.loop.turn();
  for (int second = 0; second < 120; ++second) {  // 5 KiB a second, reported in steps of 65
    if (second % 13 == 12) bench.receive(fd, nullptr, 65 * 1024);
    bench.loop.turn(1s);
    bench.loop.turn();
    if (script.drained > 0 && !script.destroyed) {
      script.drained = 0;
      while (script.body_out->send_body(piece) == Flow::more) bench.loop.turn();
    }
  }
  REQUIRE_FALSE(script.destroyed);
  bench.loop.turn(31s);  // and now nothing
  bench.loop.turn();
  CHECK(script.destroyed);
}

TEST_CASE("a slow reader of a finished answer may take longer than a connection is kept idle",
          "[server][session][faults]") {
  SessionBench bench;
  bench.set_limits([](SessionLimits& limits) { limits.keep_alive = 5s; });
  bench.at_open = [](Script& s) { s.answer(std::string(3'000'000, 'x')); };
  const int fd = bench.connect();
  bench.send(fd, kGet);
  std::size_t got = 0;
  for (int i = 0; i < 400 && got < 3'000'000; ++i) {
    bench.loop.turn(1s);
    bench.loop.turn();
    got += bench.receive(fd, nullptr, 16 * 1024).size();
  }
  CHECK(got > 3'000'000);
  CHECK_FALSE(bench.closed(fd));
}

TEST_CASE("a body that comes slower than the least rate is aborted, one that keeps to it is not",
          "[server][session][faults]") {
  SessionBench bench;
  bench.set_limits([](SessionLimits& limits) {
    limits.min_body_rate = 1000;
    limits.body = 60s;
  });
  const std::string head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  const int drip = bench.connect();
  const int steady = bench.connect();
  bench.ask(drip, head + "x");
  bench.ask(steady, head);
  for (int i = 0; i < 20; ++i) {
    bench.send(steady, std::string(1000, 'x'));
    bench.loop.turn(1s);
  }
  bench.loop.turn();
  CHECK(bench.scripts[0].destroyed);
  CHECK(has(bench.receive(drip), "HTTP/1.1 408"));
  CHECK_FALSE(bench.scripts[1].destroyed);
  bench.loop.turn(11s);
  bench.loop.turn();
  CHECK(bench.scripts[1].destroyed);
}

TEST_CASE("an answer that breaks off is flushed and ends without its last chunk", "[server][session][faults]") {
  SessionBench bench;
  const int fd = bench.connect();
  bench.ask(fd, post("{}"));
  bench.scripts[0].begin_stream();
  static_cast<void>(bench.scripts[0].body_out->send_body("data: {\"error\":{}}\n\n"));
  bench.scripts[0].body_out->abort();
  bench.loop.turn();
  bool ended = false;
  const std::string answer = bench.receive(fd, &ended);
  CHECK(answer.ends_with("data: {\"error\":{}}\n\n\r\n"));
  CHECK_FALSE(has(answer, "\r\n0\r\n"));
  CHECK(ended);
  CHECK(bench.scripts[0].destroyed);
}

TEST_CASE("an early answer to a short body keeps the connection and drops the body", "[server][session][faults]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.answer("no", 401); };
  const int fd = bench.connect();
  const std::string hidden = kGet + kGet;
  const std::string answer =
      bench.ask(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(hidden.size()) + "\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 401"));
  CHECK_FALSE(has(answer, "connection: close"));
  CHECK(bench.ask(fd, hidden).empty());  // a body, not requests
  CHECK(bench.scripts.size() == 1);
  CHECK(bench.scripts[0].body.empty());
  CHECK(bench.ask(fd, kGet).starts_with("HTTP/1.1 401"));
  CHECK(bench.scripts.size() == 2);
}

TEST_CASE("an early answer to a long body or to chunks ends the connection after it was read",
          "[server][session][faults]") {
  for (const std::string length : {"Content-Length: 1000000", "Transfer-Encoding: chunked"}) {
    INFO(length);
    SessionBench bench;
    bench.at_open = [](Script& s) { s.answer("no", 401); };
    const int fd = bench.connect();
    bool ended = false;
    const std::string answer = bench.ask(fd, "POST /a HTTP/1.1\r\nHost: a\r\n" + length + "\r\n\r\n", &ended);
    CHECK(has(answer, "connection: close\r\n"));
    CHECK(ended);                        // our side
    CHECK(bench.ask(fd, kGet).empty());  // the rest is dropped, not parsed
    CHECK(bench.scripts.size() == 1);
    CHECK(bench.sessions().size() == 1);
    bench.loop.turn(2s);
    bench.loop.turn();
    CHECK(bench.sessions().empty());
  }
}

TEST_CASE("draining closes idle connections at once and others after their answer", "[server][session][faults]") {
  SessionBench bench;
  const int idle = bench.connect();
  const int busy = bench.connect();
  bench.ask(busy, post("{}") + kGet);
  bench.context.draining = true;
  for (Http1Session* session : std::vector(bench.sessions())) session->drain();
  bench.loop.turn();
  CHECK(bench.closed(idle));
  CHECK_FALSE(bench.scripts[0].destroyed);
  bench.scripts[0].answer("late");
  bench.loop.turn();
  bool ended = false;
  const std::string answer = bench.receive(busy, &ended);
  CHECK(has(answer, "connection: close\r\n"));
  CHECK(answer.ends_with("late"));
  CHECK(ended);
  CHECK(bench.scripts.size() == 1);
}

TEST_CASE("a request that has come when draining begins is answered, read or not", "[server][session][faults]") {
  SessionBench bench;
  const int fresh = bench.connect();
  const int kept = bench.connect();
  bench.at_open = [](Script& script) { script.answer("here"); };
  CHECK(has(bench.ask(kept, kGet), "here"));
  bench.send(fresh, kGet);
  bench.send(kept, kGet);
  bench.context.draining = true;
  for (Http1Session* session : std::vector(bench.sessions())) session->drain();
  bench.loop.turns(2);
  for (int fd : {fresh, kept}) {
    bool ended = false;
    const std::string answer = bench.receive(fd, &ended);
    CHECK(has(answer, "connection: close\r\n"));
    CHECK(answer.ends_with("here"));
    CHECK(ended);
  }
}

TEST_CASE("an abort answers clients that got nothing yet and breaks off the others", "[server][session][faults]") {
  SessionBench bench;
  const int waiting = bench.connect();
  const int streaming = bench.connect();
  bench.ask(waiting, post("{}"));
  bench.ask(streaming, post("{}"));
  bench.scripts[1].begin_stream();
  bench.loop.turn();
  bench.receive(streaming);
  for (Http1Session* session : std::vector(bench.sessions())) session->abort_now();
  bench.loop.turn();
  bool ended = false;
  const std::string answer = bench.receive(waiting, &ended);
  CHECK(answer.starts_with("HTTP/1.1 503 "));
  CHECK(has(answer, "\"code\":\"unavailable\""));
  CHECK(ended);
  CHECK(bench.receive(streaming, &ended).empty());
  CHECK(ended);
  CHECK(bench.scripts[0].destroyed);
  CHECK(bench.scripts[1].destroyed);
  CHECK(bench.sessions().empty());
}
