#include "gateway/curl_upstream.h"

#include <string>
#include <string_view>
#include <vector>

#include "adapters/curl/upstream_fixture.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

TEST_CASE_METHOD(UpstreamFixture, "a request is one message with its pieces in order", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  const Origin at = origin(server.port());
  const std::vector<HeaderField> headers{{"authorization", "Bearer x"}, {"Content-Length", "999"}, {"HOST", "evil"}};
  const std::vector<std::string_view> body{"{\"a\":", "", "1", "}"};
  Recorder reply;
  auto call =
      upstream->start({.origin = &at, .method = "POST", .path = "/v1/x?y=1", .headers = headers, .body = body}, reply);
  CHECK_FALSE(reply.end);
  until_ended(reply);
  CHECK(reply.succeeded());
  CHECK(reply.status == 200);
  CHECK(reply.body == "hello");
  CHECK(server.requests() == std::vector<std::string>{"POST /v1/x?y=1 HTTP/1.1\r\nhost: " + at.authority +
                                                      "\r\naccept-encoding: identity\r\nauthorization: Bearer x\r\n"
                                                      "content-length: 7\r\n\r\n{\"a\":1}"});
}

TEST_CASE_METHOD(UpstreamFixture, "content-length is sent if a body is, or is expected", "[adapters][curl]") {
  RawServer server(answering(answer("")));
  const Origin at = origin(server.port());
  Recorder got, posted;
  auto call = get(at, got);
  until_ended(got);
  call = post(at, posted, {});
  until_ended(posted);
  CHECK(server.requests()[0].find("content-length") == std::string::npos);
  CHECK(server.requests()[1].find("content-length: 0\r\n") != std::string::npos);
}

TEST_CASE_METHOD(UpstreamFixture, "a field or path that would break out of its line is refused", "[adapters][curl]") {
  RawServer server(answering(answer("")));
  const Origin at = origin(server.port());
  const auto refused = [&](std::string_view path, HeaderField field) {
    Recorder reply;
    auto call =
        upstream->start({.origin = &at, .method = "GET", .path = path, .headers = {&field, 1}, .body = {}}, reply);
    CHECK_FALSE(reply.end);
    until_ended(reply);
    return reply.error() == ErrorCode::invalid;
  };
  CHECK(refused("/", {"x", "1\r\nevil: 2"}));
  CHECK(refused("/", {"x\r\nevil", "1"}));
  CHECK(refused("/", {"x", std::string_view("1\0", 2)}));
  CHECK(refused("/ HTTP/1.1\r\n", {"x", "1"}));
  CHECK(refused("http://elsewhere/", {"x", "1"}));
  CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(UpstreamFixture, "a connection is used again after a complete answer", "[adapters][curl]") {
  const auto text =
      GENERATE(as<std::string>{}, answer("hello"), "HTTP/1.1 204 No Content\r\n\r\n",
               "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nx: y\r\n\r\n");
  RawServer server(answering(text));
  const Origin at = origin(server.port());
  for (int i = 0; i < 5; ++i) {
    Recorder reply;
    auto call = get(at, reply);
    until_ended(reply);
    REQUIRE(reply.succeeded());
    CHECK(reply.body == (text.find("204") == std::string::npos ? "hello" : ""));
  }
  CHECK(server.connections() == 1);
  CHECK(server.requests().size() == 5);
}

TEST_CASE_METHOD(UpstreamFixture, "the next request may start where the last one ends", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  const Origin at = origin(server.port());
  Recorder first, second;
  std::unique_ptr<Call> next;
  first.at_end = [&] { next = get(at, second); };
  auto call = get(at, first);
  until_ended(first);
  call.reset();
  until_ended(second);
  CHECK(second.succeeded());
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(UpstreamFixture, "requests leave at the end of the turn, and not when they are gone by then",
                 "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  const Origin at = origin(server.port());
  Recorder first;
  auto call = get(at, first);  // a connection to send on
  until_ended(first);

  const auto body = [](const std::string_view& text) { return std::span(&text, 1); };
  const std::string_view one = "one", two = "two", three = "three";
  Recorder kept, dropped, last;
  call = post(at, kept, body(one));
  auto gone = post(at, dropped, body(two));
  auto other = post(at, last, body(three));
  CHECK_FALSE(call->sent());
  gone.reset();
  loop.run_once(std::chrono::milliseconds(0));
  CHECK(call->sent());
  until_ended(kept);
  until_ended(last);
  CHECK(other->sent());
  REQUIRE(server.requests().size() == 3);
  for (const std::string& request : server.requests()) CHECK_FALSE(request.ends_with("two"));
  CHECK_FALSE(dropped.end);
}

TEST_CASE_METHOD(UpstreamFixture, "what waits for a connection is not sent", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  loop.run_once(std::chrono::milliseconds(0));
  CHECK_FALSE(call->sent());
  until_ended(reply);
  CHECK(call->sent());
}

TEST_CASE_METHOD(UpstreamFixture, "origins do not share connections", "[adapters][curl]") {
  RawServer server(answering(answer("hello")));
  Origin a = origin(server.port()), b = a;
  b.id += " with another proxy";
  for (const Origin* at : {&a, &b, &a, &b}) {
    Recorder reply;
    auto call = get(*at, reply);
    until_ended(reply);
  }
  CHECK(server.connections() == 2);
}

TEST_CASE_METHOD(UpstreamFixture, "a connection that announces its close, or sends too much, is not used again",
                 "[adapters][curl]") {
  const auto text = GENERATE(as<std::string>{}, answer("hello", "connection: close\r\n"), answer("hello") + "more",
                             "HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello");
  RawServer server(answering(text));
  const Origin at = origin(server.port());
  for (int i = 0; i < 3; ++i) {
    Recorder reply;
    auto call = get(at, reply);
    until_ended(reply);
    REQUIRE(reply.succeeded());
    CHECK(reply.body == "hello");
  }
  CHECK(server.connections() == 3);
}

TEST_CASE_METHOD(UpstreamFixture, "a server that closes after each answer without a word costs nothing",
                 "[adapters][curl]") {
  RawServer server([](Peer& peer) {
    peer.read_request();
    peer.send(answer("hello"));
  });
  const Origin at = origin(server.port());
  for (int i = 0; i < 20; ++i) {
    Recorder reply;
    auto call = get(at, reply);
    until_ended(reply);
    REQUIRE(reply.succeeded());
    call.reset();
    // The end of the connection is on its way.
    const auto after = std::chrono::steady_clock::now() + 20ms;
    until([&] { return std::chrono::steady_clock::now() > after; });
  }
  CHECK(server.requests().size() == 20);
}

TEST_CASE_METHOD(UpstreamFixture, "a connection whose end the loop has not heard of yet is not used",
                 "[adapters][curl]") {
  std::atomic<bool> closed{false};
  RawServer server({[&](Peer& peer) {
                      peer.read_request();
                      peer.send(answer("hello"));
                      while (!peer.stopped() && !closed) std::this_thread::sleep_for(1ms);
                      peer.close();
                      closed = false;
                    },
                    answering(answer("again"))});
  const Origin at = origin(server.port());
  Recorder first, second;
  auto call = get(at, first);
  until_ended(first);
  REQUIRE(first.succeeded());
  closed = true;  // and then no turn of the loop: as if both were in one batch of events
  while (closed) std::this_thread::sleep_for(1ms);
  call = get(at, second);
  until_ended(second);
  CHECK(second.succeeded());
  CHECK(second.body == "again");
}

TEST_CASE_METHOD(UpstreamFixture, "an idle connection that ends is closed at once", "[adapters][curl]") {
  std::atomic<bool> closed{false};
  const bool speaks = GENERATE(false, true);
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.send(answer("hello"));
    std::this_thread::sleep_for(20ms);
    speaks ? static_cast<void>(peer.send("HTTP/1.1 408 Request Timeout\r\n\r\n")) : peer.half_close();
    closed = peer.closed();
  });
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  until([&] { return closed.load(); });
}

TEST_CASE_METHOD(UpstreamFixture, "idle connections are bounded in number and age", "[adapters][curl]") {
  use({.idle_per_origin = 2, .keep_idle = 300ms});
  std::atomic<int> closed{0};
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.send(answer("hello"));
    if (peer.closed()) ++closed;
  });
  const Origin at = origin(server.port());
  std::vector<Recorder> replies(5);
  std::vector<std::unique_ptr<Call>> calls;
  for (auto& reply : replies) calls.push_back(get(at, reply));
  for (auto& reply : replies) until_ended(reply);
  until([&] { return closed >= 3; });
  const int at_first = closed;
  CHECK(at_first == 3);
  until([&] { return closed == 5; });
}

TEST_CASE_METHOD(UpstreamFixture, "a request is never sent twice", "[adapters][curl]") {
  // The first answer is fine, so that the connection is kept; the second request meets its end after it was read.
  const int how = GENERATE(0, 1, 2, 3);
  RawServer server([how](Peer& peer) {
    peer.read_request();
    peer.send(answer("hello"));
    peer.read_request();
    if (how == 0) peer.reset();
    if (how == 1) peer.close();
    if (how == 2) peer.send("HTTP/1.1 200 OK\r\ncontent-"), peer.reset();
    if (how == 3) peer.send("HTTP/1.1 100 Continue\r\n\r\n"), peer.close();
  });
  const Origin at = origin(server.port());
  Recorder first, second;
  auto call = get(at, first);
  until_ended(first);
  const std::vector<std::string_view> body{"{}"};
  call = post(at, second, body);
  until_ended(second);
  CHECK(second.error() == ErrorCode::lost);
  CHECK(second.heads == 0);
  CHECK(server.connections() == 1);
  CHECK(server.requests().size() == 2);
}

TEST_CASE_METHOD(UpstreamFixture, "a large body that breaks off while it is sent is lost, once", "[adapters][curl]") {
  std::atomic<int> seen{0};
  RawServer server([&](Peer& peer) {
    std::string some;
    peer.read_into(some);
    ++seen;
    peer.reset();
  });
  const Origin at = origin(server.port());
  const std::string large(64 * 1024 * 1024, 'x');
  const std::vector<std::string_view> body{"start", large, "end"};
  Recorder reply;
  auto call = post(at, reply, body);
  until_ended(reply);
  CHECK(reply.error() == ErrorCode::lost);
  CHECK(seen == 1);
}

TEST_CASE_METHOD(UpstreamFixture, "a large body arrives completely although the server is slow", "[adapters][curl]") {
  RawServer server([](Peer& peer) {
    std::this_thread::sleep_for(50ms);
    peer.read_request();
    peer.send(answer("thanks"));
    peer.closed();
  });
  const Origin at = origin(server.port());
  std::string large;
  for (int i = 0; large.size() < 24 * 1024 * 1024; ++i) large.append(std::to_string(i)).append(1000, 'x');
  const std::vector<std::string_view> body{"start", std::string_view(large).substr(0, 1000),
                                           std::string_view(large).substr(1000)};
  Recorder reply;
  auto call = post(at, reply, body);
  until_ended(reply);
  CHECK(reply.succeeded());
  const std::string got = server.requests().at(0);
  CHECK((got.substr(got.find("\r\n\r\n") + 4) == "start" + large));
}

TEST_CASE_METHOD(UpstreamFixture, "an answer that comes before the request is sent out counts", "[adapters][curl]") {
  const bool then_reset = GENERATE(false, true);
  RawServer server([then_reset](Peer& peer) {
    std::string some;
    peer.read_into(some);
    peer.send("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig");
    if (!then_reset) peer.closed();
  });
  const Origin at = origin(server.port());
  const std::string large(32 * 1024 * 1024, 'x');
  const std::vector<std::string_view> body{large};
  Recorder reply;
  auto call = post(at, reply, body);
  until_ended(reply);
  if (then_reset && !reply.succeeded()) {  // the reset may overtake the answer, and then the answer is gone
    CHECK(reply.error() == ErrorCode::lost);
    return;
  }
  CHECK(reply.succeeded());
  CHECK(reply.status == 413);
  CHECK(reply.body == "big");
}

TEST_CASE_METHOD(UpstreamFixture, "a redirect is an answer like any other", "[adapters][curl]") {
  RawServer server(answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"));
  const Origin at = origin(server.port());
  Recorder reply;
  auto call = get(at, reply);
  until_ended(reply);
  CHECK(reply.succeeded());
  CHECK(reply.status == 302);
  CHECK(server.requests().size() == 1);
}

TEST_CASE_METHOD(UpstreamFixture, "the answer to HEAD has no body", "[adapters][curl]") {
  RawServer server(answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-encoding: gzip\r\n\r\n"));
  const Origin at = origin(server.port());
  for (int i = 0; i < 2; ++i) {
    Recorder reply;
    auto call = upstream->start({.origin = &at, .method = "HEAD", .path = "/", .headers = {}, .body = {}}, reply);
    until_ended(reply);
    CHECK(reply.succeeded());
    CHECK(reply.field("content-length") == "5");
  }
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(UpstreamFixture, "many requests at once each get their own answer", "[adapters][curl]") {
  RawServer server([](Peer& peer) {
    for (;;) {
      const std::string request = peer.read_request();
      if (request.empty()) return;
      peer.send(answer(request.substr(request.find("\r\n\r\n") + 4)));
    }
  });
  const Origin at = origin(server.port());
  constexpr std::size_t kCalls = 200;
  std::vector<Recorder> replies(kCalls);
  std::vector<std::string> texts;
  std::vector<std::string_view> bodies;
  std::vector<std::unique_ptr<Call>> calls(kCalls);
  for (std::size_t i = 0; i < kCalls; ++i) texts.push_back("body " + std::to_string(i));
  for (std::size_t i = 0; i < kCalls; ++i) bodies.push_back(texts[i]);
  for (std::size_t i = 0; i < kCalls; ++i) calls[i] = post(at, replies[i], {&bodies[i], 1}, 10s);
  for (std::size_t i = 0; i < kCalls; ++i) {
    until_ended(replies[i]);
    REQUIRE(replies[i].succeeded());
    CHECK(replies[i].body == texts[i]);
  }
}
