// Exchanges that take a body more slowly than it comes.
#include <zlib.h>

#include "apps/server/session_bench.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::chrono_literals;

namespace {

// As much as the socket takes; returns how much that was.
std::size_t send_some(int fd, std::string_view bytes) {
  const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

std::string head_of(std::size_t size, const std::string& fields = {}) {
  return "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(size) +
         "\r\n\r\n";
}

std::string gzipped(const std::string& text) {
  z_stream z{};
  REQUIRE(::deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(text.size() / 2 + 1024, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(::deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  ::deflateEnd(&z);
  return out;
}

}  // namespace

TEST_CASE("an exchange that pauses is fed no more until it resumes, and gets all in the end", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) {
    s.flow = Flow::pause;
    s.at_end = [](Script& own) { own.answer("ok"); };
  };
  const int fd = bench.connect();
  const std::string body(600'000, 'x');
  bench.send(fd, head_of(body.size()));
  std::size_t sent = 0, before = 0;
  int pauses = 0;
  bench.loop.turns(2);
  REQUIRE(bench.scripts.size() == 1);
  Script& script = bench.scripts[0];
  for (int i = 0; i < 1'000 && !script.ended; ++i) {
    sent += send_some(fd, std::string_view(body).substr(sent));
    bench.loop.turns(3);
    CHECK(script.body.size() - before <= SessionContext::kReadSize);
    if (script.body.size() > before) ++pauses;
    before = script.body.size();
    bench.loop.turns(2);
    CHECK(script.body.size() == before);  // nothing without being asked for
    script.client->resume_body();
  }
  CHECK(script.ended);
  CHECK((script.body == body));
  CHECK(pauses > 5);
  bench.loop.turns(2);
  CHECK(bench.receive(fd).ends_with("ok"));
  bench.at_open = [](Script& s) { s.answer("again"); };
  CHECK(bench.ask(fd, kGet).ends_with("again"));
}

TEST_CASE("a body that comes compressed is decoded no further than the exchange takes it", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) {
    s.flow = Flow::pause;
    s.at_end = [](Script& own) { own.answer("ok"); };
  };
  const std::string body(3'000'000, 'x');
  const std::string coded = gzipped(body);
  REQUIRE(coded.size() < 10'000);
  const int fd = bench.connect();
  bench.send(fd, head_of(coded.size(), "Content-Encoding: gzip\r\n") + coded);
  bench.loop.turns(3);
  REQUIRE(bench.scripts.size() == 1);
  Script& script = bench.scripts[0];
  CHECK(script.body.size() <= 16 * 1024);
  for (int i = 0; i < 1'000 && !script.ended; ++i) {
    script.client->resume_body();
    bench.loop.turns(2);
  }
  CHECK(script.ended);
  CHECK((script.body == body));
  bench.loop.turns(2);
  CHECK(bench.receive(fd).ends_with("ok"));
}

TEST_CASE("the time of a pause is not the client's, and a body that is relayed has no end to be in time for",
          "[server][session]") {
  const bool relays = GENERATE(true, false);
  SessionBench bench;
  bench.set_limits([](SessionLimits& limits) { limits.body = 10s, limits.min_body_rate = 100; });
  bench.at_open = [relays](Script& s) { s.flow = Flow::pause, s.relays_body = relays; };
  const int fd = bench.connect();
  bench.send(fd, head_of(100'000) + std::string(10'000, 'x'));
  bench.loop.turns(2);
  REQUIRE(bench.scripts.size() == 1);
  bench.loop.turn(100s);
  bench.loop.turns(2);
  CHECK(bench.receive(fd).empty());
  bench.scripts[0].flow = Flow::more;
  bench.scripts[0].client->resume_body();
  for (int i = 0; i < 3; ++i) {
    bench.loop.turn(4s);
    bench.send(fd, std::string(10'000, 'x'));
    bench.loop.turn();
  }
  bench.loop.turns(2);
  CHECK(has(bench.receive(fd), "408") == !relays);  // 12 seconds
  if (!relays) return;
  bench.loop.turn(9s);
  bench.loop.turns(2);
  CHECK(bench.receive(fd).empty());
  bench.loop.turn(2s);  // but nothing came for 11
  bench.loop.turns(2);
  CHECK(has(bench.receive(fd), "408"));
}

TEST_CASE("an answer while a body is paused ends the connection once it is sent", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.flow = Flow::pause; };
  const int fd = bench.connect();
  bench.send(fd, head_of(1'000'000) + std::string(50'000, 'x'));
  bench.loop.turns(3);
  REQUIRE(bench.scripts.size() == 1);
  send_some(fd, std::string(50'000, 'x'));
  bench.loop.turns(2);
  bench.scripts[0].answer("no", 413);
  bench.loop.turns(3);
  bool ended = false;
  const std::string answer = bench.receive(fd, &ended);
  CHECK(has(answer, "413"));
  CHECK(has(answer, "connection: close"));
  CHECK(answer.ends_with("no"));
  CHECK(ended);
  CHECK(bench.scripts[0].destroyed);
}

TEST_CASE("an answer to a short body that is paused keeps the connection", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.flow = Flow::pause; };
  const int fd = bench.connect();
  bench.send(fd, head_of(20'000) + std::string(10'000, 'x'));
  bench.loop.turns(3);
  bench.scripts[0].answer("no", 400);
  bench.loop.turns(2);
  bench.send(fd, std::string(10'000, 'x'));
  bench.loop.turns(3);
  CHECK(bench.receive(fd).ends_with("no"));
  bench.at_open = [](Script& s) { s.answer("again"); };
  CHECK(bench.ask(fd, kGet).ends_with("again"));
}

TEST_CASE("a client that leaves while its body is paused is noticed", "[server][session]") {
  SessionBench bench;
  bench.at_open = [](Script& s) { s.flow = Flow::pause; };
  const int fd = bench.connect();
  bench.send(fd, head_of(1'000'000) + std::string(100'000, 'x'));
  bench.loop.turns(3);
  REQUIRE(bench.scripts.size() == 1);
  CHECK_FALSE(bench.scripts[0].destroyed);
  ::shutdown(fd, SHUT_WR);
  bench.loop.turns(2);
  CHECK(bench.scripts[0].destroyed);
}
