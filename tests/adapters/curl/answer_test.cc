#include <zlib.h>

#include "adapters/curl/upstream_fixture.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

// One connection, one answer, then the end of the connection.
RawServer::Script once(std::string text) {
  return [text = std::move(text)](Peer& peer) {
    peer.read_request();
    peer.send(text);
  };
}

// The same, but byte by byte.
RawServer::Script dripping(std::string text) {
  return [text = std::move(text)](Peer& peer) {
    peer.read_request();
    for (const char c : text) {
      if (!peer.send({&c, 1})) return;
      std::this_thread::yield();
    }
    peer.closed();
  };
}

constexpr int kGzip = 15 + 16, kZlib = 15, kRaw = -15;

std::string compressed(std::string_view text, int window_bits) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(text.size() / 2 + 1000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string chunked(std::string_view body, std::size_t each, std::string_view fields = "") {
  std::string text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n" + std::string(fields) + "\r\n";
  for (; !body.empty(); body.remove_prefix(std::min(each, body.size()))) {
    const auto piece = body.substr(0, each);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    text += size + std::string(piece) + "\r\n";
  }
  return text + "0\r\n\r\n";
}

std::string counting(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text.append(std::to_string(i)).append(i % 50, 'x');
  return text;
}

}  // namespace

TEST_CASE_METHOD(UpstreamFixture, "an answer is complete by its length, its chunks or its connection's end",
                 "[adapters][curl]") {
  const auto text =
      GENERATE(as<std::string>{}, answer("hello world"), chunked("hello world", 4),
               "HTTP/1.1 200 OK\r\nx: y\r\n\r\nhello world", "HTTP/1.0 200 OK\r\n\r\nhello world",
               "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + answer("hello world"));
  RawServer server(once(text));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.succeeded());
  CHECK(reply.status == 200);
  CHECK(reply.body == "hello world");
  CHECK_FALSE(reply.field("link"));
}

TEST_CASE_METHOD(UpstreamFixture, "an answer may come byte by byte", "[adapters][curl]") {
  const auto text = GENERATE(as<std::string>{}, answer("hello world"), chunked("hello world", 4));
  RawServer server(dripping(text));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.succeeded());
  CHECK(reply.body == "hello world");
}

TEST_CASE_METHOD(UpstreamFixture, "a short answer is lost", "[adapters][curl]") {
  const auto text = GENERATE(
      as<std::string>{}, "", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", "HTTP/1.1 100 Continue\r\n\r\n");
  RawServer server(once(text));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::lost);
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(UpstreamFixture, "an answer that a reset cuts off is not taken for complete", "[adapters][curl]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
    std::this_thread::sleep_for(20ms);
    peer.reset();
  });
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::lost);
  CHECK(reply.body == "hello");
}

TEST_CASE_METHOD(UpstreamFixture, "what is not HTTP is a protocol error", "[adapters][curl]") {
  const auto text =
      GENERATE(as<std::string>{}, "SSH-2.0-OpenSSH_9.2\r\n", "<html>hello</html>\r\n\r\n",
               "HTTP/1.1 200 OK\r\ncontent-length: 1, 2\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
               "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
               "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
               "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx");
  RawServer server(once(text));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::protocol);
}

TEST_CASE_METHOD(UpstreamFixture, "heads are bounded, of answers to come as well", "[adapters][curl]") {
  use({.max_head = 8000});
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
  const auto [text, code] = GENERATE_COPY(table<std::string, ErrorCode>(
      {{"HTTP/1.1 200 OK\r\nx: " + std::string(9000, 'y') + "\r\n\r\n", ErrorCode::too_large},
       {"HTTP/1.1 200 OK\r\nx: " + std::string(100'000, 'y'), ErrorCode::too_large},
       {interim + answer("hello"), ErrorCode::protocol}}));
  RawServer server(once(text));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.error() == code);
  CHECK(reply.heads == 0);
}

TEST_CASE_METHOD(UpstreamFixture, "a pause stops reading until the server itself must wait", "[adapters][curl]") {
  constexpr std::size_t kTotal = 64 * 1024 * 1024;
  std::atomic<std::size_t> sent{0};
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(kTotal) + "\r\n\r\n");
    const std::string piece(256 * 1024, 'x');
    while (sent < kTotal && peer.send(piece)) sent += piece.size();
    peer.closed();
  });
  const Origin at = origin(server.port());
  Recorder reply;
  bool hold = true;
  reply.at_body = [&] { return hold ? Flow::pause : Flow::more; };
  auto call = get(at, reply);
  until([&] { return reply.pieces == 1; });
  std::size_t before = 0;
  until([&] {  // the server has stopped getting rid of bytes
    if (sent != before || sent == 0) return before = sent, std::this_thread::sleep_for(50ms), false;
    return true;
  });
  CHECK(reply.pieces == 1);
  CHECK(sent < kTotal);
  hold = false;
  call->resume();
  CHECK(reply.pieces == 1);
  until_ended(reply);
  CHECK(reply.succeeded());
  CHECK(reply.body.size() == kTotal);
}

TEST_CASE_METHOD(UpstreamFixture, "pausing at every piece loses and swaps nothing, whenever it goes on",
                 "[adapters][curl]") {
  const std::string body = counting(3'000'000);
  const auto text =
      GENERATE_COPY(answer(body), chunked(body, 1000), chunked(body, 70'000), "HTTP/1.1 200 OK\r\n\r\n" + body,
                    answer(compressed(body, kGzip), "content-encoding: gzip\r\n"));
  const bool inside = GENERATE(false, true);
  RawServer server(once(text));
  const Origin at = origin(server.port());
  Recorder reply;
  std::unique_ptr<Call> call;
  bool paused = false;
  reply.at_body = [&] {
    CHECK_FALSE(paused);
    if (inside) call->resume();
    paused = !inside;
    return Flow::pause;
  };
  call = get(at, reply);
  until([&] {
    if (paused) {
      paused = false;
      call->resume();
    }
    return reply.end.has_value();
  });
  CHECK(reply.succeeded());
  CHECK((reply.body == body));
}

TEST_CASE_METHOD(UpstreamFixture, "compressed answers are decoded", "[adapters][curl]") {
  const std::string body = counting(500'000);
  const auto [coding, bits] = GENERATE(table<std::string, int>(
      {{"gzip", kGzip}, {"x-gzip", kGzip}, {"GZIP", kGzip}, {"deflate", kZlib}, {"deflate", kRaw}}));
  const bool bytewise = GENERATE(false, true);
  const std::string sent = chunked(compressed(bytewise ? body.substr(0, 200) : body, bits), bytewise ? 1 : 5000,
                                   "content-encoding: " + coding + "\r\n");
  RawServer server(answering(sent));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.succeeded());
  CHECK((reply.body == (bytewise ? body.substr(0, 200) : body)));
  CHECK_FALSE(reply.field("content-encoding"));
  CHECK_FALSE(reply.field("content-length"));
}

TEST_CASE_METHOD(UpstreamFixture, "several gzip members are one body", "[adapters][curl]") {
  RawServer server(
      once(answer(compressed("hello ", kGzip) + compressed("world", kGzip), "content-encoding: gzip\r\n")));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.succeeded());
  CHECK(reply.body == "hello world");
}

TEST_CASE_METHOD(UpstreamFixture, "an empty body needs no decoding", "[adapters][curl]") {
  RawServer server(once(answer("", "content-encoding: gzip\r\n")));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.succeeded());
}

TEST_CASE_METHOD(UpstreamFixture, "compressed answers that are damaged, truncated or bombs are errors",
                 "[adapters][curl]") {
  use({.max_decoded = 100'000});
  const std::string good = compressed(counting(10'000), kGzip);
  const auto [body, code] = GENERATE_COPY(
      table<std::string, ErrorCode>({{good.substr(0, good.size() - 9), ErrorCode::protocol},
                                     {"x", ErrorCode::protocol},
                                     {good.substr(0, 100) + std::string(200, 'x'), ErrorCode::protocol},
                                     {good + "trailing", ErrorCode::protocol},
                                     {compressed(std::string(5'000'000, 'x'), kGzip), ErrorCode::too_large}}));
  RawServer server(once(answer(body, "content-encoding: gzip\r\n")));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.error() == code);
  CHECK(reply.body.size() <= 100'000);
}

TEST_CASE_METHOD(UpstreamFixture, "cancelling closes the connection in the same turn", "[adapters][curl]") {
  const int when = GENERATE(0, 1, 2);  // before the head, within the body, while paused
  std::atomic<bool> closed{false}, asked{false};
  RawServer server([&](Peer& peer) {
    peer.read_request();
    asked = true;
    if (when > 0) peer.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello");
    closed = peer.closed();
  });
  const Origin at = origin(server.port());
  Recorder reply;
  if (when == 2) reply.at_body = [] { return Flow::pause; };
  auto call = get(at, reply);
  until([&] { return when == 0 ? asked.load() : reply.body == "hello"; });
  if (when == 2) call->resume();
  call.reset();
  // The loop does not turn any more, and still the server hears of it.
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!closed && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
  CHECK(closed);
  loop.run_once(1ms);
  CHECK_FALSE(reply.end);
}

TEST_CASE_METHOD(UpstreamFixture, "a call may be destroyed inside any of its callbacks", "[adapters][curl]") {
  const std::string body = counting(200'000);
  const int where = GENERATE(0, 1, 2, 3);
  const auto text =
      GENERATE_COPY(answer(body), chunked(body, 10), answer(compressed(body, kGzip), "content-encoding: gzip\r\n"),
                    std::string("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nxyz"));
  const Flow flow = GENERATE(Flow::more, Flow::pause);
  RawServer server(answering(text));
  const Origin at = origin(server.port());
  Recorder reply;
  std::unique_ptr<Call> call;
  bool gone = false;
  const auto destroy = [&] {
    CHECK_FALSE(gone);
    call.reset();
    gone = true;
  };
  if (where == 0) reply.at_head = destroy;
  reply.at_body = [&] {
    if (where == 1 || (where == 2 && reply.pieces == 2) || (where == 2 && text.ends_with("xyz")))
      return destroy(), flow;
    return Flow::more;
  };
  if (where == 3) reply.at_end = destroy;
  call = get(at, reply);
  until([&] { return gone; });
  for (int i = 0; i < 5; ++i) loop.run_once(1ms);
  CHECK(reply.end.has_value() == (where == 3));
  // The upstream is none the worse for it.
  Recorder next;
  RawServer other(answering(answer("fine")));
  const Origin there = origin(other.port());
  auto after = get(there, next);
  until_ended(next);
  CHECK(next.body == "fine");
}

TEST_CASE_METHOD(UpstreamFixture, "the upstream may be destroyed inside a callback", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  const Origin at = origin(server.port());
  Recorder first, second;
  auto kept = get(at, first);
  until_ended(first);
  std::unique_ptr<Call> call;
  second.at_end = [&] {
    call.reset();
    kept.reset();
    upstream.reset();
  };
  call = get(at, second);
  until_ended(second);
  loop.run_once(1ms);
  CHECK(second.succeeded());
}

TEST_CASE_METHOD(UpstreamFixture, "resuming what is not paused, or has ended, does nothing", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  call->resume();
  until_ended(reply);
  call->resume();
  loop.run_once(1ms);
  CHECK(reply.succeeded());
}
