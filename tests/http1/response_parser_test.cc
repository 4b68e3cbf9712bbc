#include "http1/response_parser.h"

#include <string>
#include <vector>

#include "support/catch.h"

using namespace gateway;
using namespace gateway::http1;

namespace {

struct Heard final : ResponseSink {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  int heads = 0, completes = 0, pauses = 0;
  bool keep_alive = false, pause_always = false;

  Flow answer() {
    if (!pause_always) return Flow::more;
    ++pauses;
    return Flow::pause;
  }
  Flow on_head(int code, HeaderSpan span) override {
    ++heads;
    status = code;
    for (const HeaderField& f : span) fields.emplace_back(f.name, f.value);
    return answer();
  }
  Flow on_body(std::string_view bytes) override {
    body += bytes;
    return answer();
  }
  void on_complete(bool alive) override {
    ++completes;
    keep_alive = alive;
  }
};

// Feeds `wire` in two pieces, going on after every pause. Gives what was left unconsumed.
std::size_t feed_cut(ResponseParser& parser, std::string_view wire, std::size_t cut) {
  std::size_t left = wire.size();
  for (std::string_view piece : {wire.substr(0, cut), wire.substr(cut)}) {
    while (!piece.empty()) {
      const auto fed = parser.feed(piece);
      piece.remove_prefix(fed.consumed);
      left -= fed.consumed;
      if (fed.state == ParseState::complete || fed.state == ParseState::error) return left;
      if (fed.state == ParseState::need_more) {
        REQUIRE(piece.empty());
      }
    }
  }
  return left;
}

struct Whole {
  const char* wire;
  int status;
  const char* body;
  bool keep_alive;
  bool to_head = false;
};
const Whole kWhole[] = {
    {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200, "hello", true},
    {"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, "", true},
    {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
    {"HTTP/1.1 304 Not Modified\r\ncontent-length: 12\r\n\r\n", 304, "", true},
    {"HTTP/1.1 429 \r\ncontent-length: 2\r\n\r\nno", 429, "no", true},
    {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello", 200, "hello", false},
    {"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200, "hello", false},
    {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", 200,
     "hello world", true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nx-sum: 1\r\nx-b: 2\r\n\r\n", 200, "ab",
     true},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: "
     "2\r\n\r\nok",
     200, "ok", true},
    {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", 200, "", true, true},
    {"HTTP/1.1 200 OK\r\n\r\n", 200, "", true, true},
};

}  // namespace

TEST_CASE("an answer is read the same however it is cut, and not a byte too far", "[http1][response]") {
  const std::string next = "HTTP/1.1 500 Next\r\n";
  for (const Whole& whole : kWhole) {
    const std::string wire = whole.wire + next;
    for (bool pausing : {false, true}) {
      for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        INFO(whole.wire << " cut " << cut << " pausing " << pausing);
        ResponseParser parser;
        Heard heard;
        heard.pause_always = pausing;
        parser.reset(heard, whole.to_head);
        const std::size_t left = feed_cut(parser, wire, cut);
        REQUIRE(parser.state() == ParseState::complete);
        CHECK(left >= next.size());  // the second piece may not have been reached
        CHECK(wire.size() - left == std::string_view(whole.wire).size());
        CHECK(heard.heads == 1);
        CHECK(heard.completes == 1);
        CHECK(heard.status == whole.status);
        CHECK(heard.body == whole.body);
        CHECK(heard.keep_alive == whole.keep_alive);
        CHECK(parser.eof() == ParseState::complete);
      }
    }
  }
}

TEST_CASE("fields keep their spelling, order and repetitions", "[http1][response]") {
  const std::string wire =
      "HTTP/1.1 200 OK\r\nContent-Type:  text/plain \r\nX-A: 1\r\nx-a:\r\nSet-Cookie: a=b; c\r\ncontent-length: "
      "0\r\n\r\n";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    ResponseParser parser;
    Heard heard;
    parser.reset(heard);
    feed_cut(parser, wire, cut);
    REQUIRE(heard.fields.size() == 5);
    CHECK(heard.fields[0].first == "Content-Type");
    CHECK(heard.fields[0].second == "text/plain");
    CHECK(heard.fields[1] == std::pair<std::string, std::string>("X-A", "1"));
    CHECK(heard.fields[2] == std::pair<std::string, std::string>("x-a", ""));
    CHECK(heard.fields[3] == std::pair<std::string, std::string>("Set-Cookie", "a=b; c"));
  }
}

TEST_CASE("an answer without length ends with the connection and does not keep it", "[http1][response]") {
  ResponseParser parser;
  Heard heard;
  parser.reset(heard);
  const std::string wire = "HTTP/1.1 200 OK\r\ncontent-type: a/b\r\n\r\nsome bytes";
  CHECK(feed_cut(parser, wire, 20) == 0);
  CHECK(heard.completes == 0);
  CHECK(parser.eof() == ParseState::complete);
  CHECK(heard.completes == 1);
  CHECK(heard.body == "some bytes");
  CHECK_FALSE(heard.keep_alive);
}

TEST_CASE("an end of the connection anywhere within an answer is an error", "[http1][response]") {
  for (std::string_view wire : {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
                                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx"}) {
    for (std::size_t cut = 0; cut < wire.size(); ++cut) {
      INFO(wire << " cut " << cut);
      ResponseParser parser;
      Heard heard;
      parser.reset(heard);
      CHECK(parser.feed(wire.substr(0, cut)).state == ParseState::need_more);
      CHECK(parser.eof() == ParseState::error);
      CHECK_FALSE(parser.error().empty());
      CHECK(heard.completes == 0);
    }
  }
}

TEST_CASE("what is not an answer is an error, complete or byte by byte", "[http1][response]") {
  const std::string many(300, 'x');
  std::string fields = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 201; ++i) fields += "a: b\r\n";
  std::string interims;
  for (int i = 0; i < 9; ++i) interims += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::vector<std::string> wires = {
      "<html>\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.1 2OO OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabcd\r\n",
      "HTTP/1.1 200 OK\r\nbad name: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\na: b\x01\r\n\r\n",
      fields + "\r\n",
      interims,
  };
  for (const std::string& wire : wires) {
    INFO(wire);
    ResponseParser whole, bytewise;
    Heard a, b;
    whole.reset(a);
    bytewise.reset(b);
    CHECK(whole.feed(wire).state == ParseState::error);
    CHECK_FALSE(whole.error().empty());
    for (char c : wire)
      if (bytewise.feed({&c, 1}).state == ParseState::error) break;
    CHECK(bytewise.state() == ParseState::error);
    CHECK(a.completes + b.completes == 0);
  }
}

TEST_CASE("an endless head, endless spaces in it and endless trailers are refused", "[http1][response]") {
  for (const std::string start : {"HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\n",
                                  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: "}) {
    for (const std::string more : {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
      ResponseParser parser({.max_head = 4096});
      Heard heard;
      parser.reset(heard);
      CHECK(parser.feed(start).state == ParseState::need_more);
      std::size_t fed = 0;
      while (fed < 100'000 && parser.feed(more).state == ParseState::need_more) fed += more.size();
      CHECK(fed < 10'000);
      CHECK(parser.state() == ParseState::error);
    }
  }
  ResponseParser parser({.max_head = 4096});
  Heard heard;
  parser.reset(heard);
  REQUIRE(parser.feed("HTTP/1.1 200 OK\r\nx: ").state == ParseState::need_more);
  std::size_t fed = 0;
  while (fed < 100'000 && parser.feed("                ").state == ParseState::need_more) fed += 16;
  CHECK(fed < 10'000);
}

TEST_CASE("a parser that failed serves again after reset", "[http1][response]") {
  ResponseParser parser;
  Heard bad, good;
  parser.reset(bad);
  CHECK(parser.feed("nonsense").state == ParseState::error);
  CHECK(parser.feed("HTTP/1.1 200 OK\r\n").consumed == 0);
  parser.reset(good);
  CHECK(parser.error().empty());
  CHECK(parser.feed("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx").state == ParseState::complete);
  CHECK(good.body == "x");
}
