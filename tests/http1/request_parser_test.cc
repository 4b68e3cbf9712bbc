#include "http1/request_parser.h"

#include <string>
#include <vector>

#include "support/catch.h"

using namespace gateway;
using namespace gateway::http1;

namespace {

struct Message {
  std::string method, path, query, body, fields;
  bool keep_alive = false, http_1_0 = false, has_body = false, complete = false;
  Expectation expectation = Expectation::none;
};

// Reads `wire` as pieces, like a session whose buffer is reused for each piece.
std::vector<Message> read(RequestParser& parser, const std::vector<std::string>& pieces) {
  std::vector<Message> out;
  for (const std::string& piece : pieces) {
    const std::string buffer = piece;
    std::string_view input = buffer;
    for (RequestEvent event; (event = parser.next(input)) != RequestEvent::need_more;) {
      if (event == RequestEvent::refused) return out;
      if (event == RequestEvent::head) {
        const ParsedHead& head = parser.head();
        Message& m = out.emplace_back();
        m.method = head.request.method;
        m.path = head.request.path;
        m.query = head.request.query;
        for (const HeaderField& f : head.request.headers)
          m.fields.append(f.name).append("=").append(f.value).append(";");
        m.keep_alive = head.keep_alive;
        m.http_1_0 = head.http_1_0;
        m.has_body = head.request.has_body;
        m.expectation = head.expectation;
      }
      if (event == RequestEvent::body) out.back().body += parser.body();
      if (event == RequestEvent::complete) out.back().complete = true;
    }
    REQUIRE(input.empty());
  }
  return out;
}

Message read_one(const std::string& wire) {
  RequestParser parser;
  const auto messages = read(parser, {wire});
  INFO(wire << " refused: " << parser.refusal().message);
  REQUIRE(messages.size() == 1);
  REQUIRE(messages[0].complete);
  return messages[0];
}

const std::string kPipeline =
    "POST /v1/chat/completions?a=b&c HTTP/1.1\r\nHost: api.example:8080\r\nContent-Length: 5\r\nX-A:\t one two "
    "\t\r\n\r\nhello"
    "GET /v1/models/a%2Fb HTTP/1.1\r\nhost: [::1]:80\r\nAccept:\r\n\r\n"
    "POST /v1/embeddings HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nConnection: x, close\r\n\r\n"
    "3;q=\"v\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nx-sum: 1\r\n\r\n"
    "\r\nHEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";

void check_pipeline(const std::vector<Message>& m) {
  REQUIRE(m.size() == 4);
  CHECK(m[0].path == "/v1/chat/completions");
  CHECK(m[0].query == "a=b&c");
  CHECK(m[0].body == "hello");
  CHECK(m[0].keep_alive);
  CHECK(m[0].fields == "Host=api.example:8080;Content-Length=5;X-A=one two;");
  CHECK(m[1].method == "GET");
  CHECK(m[1].path == "/v1/models/a%2Fb");
  CHECK(m[1].fields == "host=[::1]:80;Accept=;");
  CHECK_FALSE(m[1].has_body);
  CHECK(m[2].body == "abc0123456789");
  CHECK(m[2].has_body);
  CHECK_FALSE(m[2].keep_alive);
  CHECK(m[3].method == "HEAD");
  CHECK(m[3].http_1_0);
  CHECK(m[3].keep_alive);
  for (const Message& message : m) CHECK(message.complete);
}

}  // namespace

TEST_CASE("requests one after the other are read the same however they are cut", "[http1][request]") {
  RequestParser whole;
  check_pipeline(read(whole, {kPipeline}));
  CHECK(whole.between_messages());
  for (std::size_t cut = 0; cut <= kPipeline.size(); ++cut) {
    INFO("cut " << cut);
    RequestParser parser;
    check_pipeline(read(parser, {kPipeline.substr(0, cut), kPipeline.substr(cut)}));
  }
  std::vector<std::string> bytes;
  for (char c : kPipeline) bytes.emplace_back(1, c);
  RequestParser parser;
  check_pipeline(read(parser, bytes));
}

TEST_CASE("the parser stops at the end of a message and leaves the rest", "[http1][request]") {
  RequestParser parser;
  std::string_view input = kPipeline;
  CHECK(parser.between_messages());
  REQUIRE(parser.next(input) == RequestEvent::head);
  CHECK_FALSE(parser.between_messages());
  CHECK(input.starts_with("helloGET"));
  REQUIRE(parser.next(input) == RequestEvent::body);
  REQUIRE(parser.next(input) == RequestEvent::complete);
  CHECK(parser.between_messages());
  CHECK(input.starts_with("GET /v1/models"));
  REQUIRE(parser.next(input) == RequestEvent::head);
  REQUIRE(parser.next(input) == RequestEvent::complete);
  REQUIRE(parser.next(input) == RequestEvent::head);
  CHECK(input.starts_with("3;q"));
  while (parser.next(input) == RequestEvent::body) {
  }
  CHECK(input.starts_with("\r\nHEAD"));
}

TEST_CASE("an absolute target counts by its path alone", "[http1][request]") {
  const auto with = [](const std::string& target) {
    return read_one("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
  };
  CHECK(with("http://evil.example/v1/models?x=1").path == "/v1/models");
  CHECK(with("http://evil.example/v1/models?x=1").query == "x=1");
  CHECK(with("HTTPS://a:443/").path == "/");
  CHECK(with("http://a").path == "/");
  CHECK(with("http://a?x=/y").path == "/");
  CHECK(with("http://a?x=/y").query == "x=/y");
  CHECK(with("//a/b").path == "//a/b");
  CHECK(with("/?").query.empty());
  CHECK(with("/a?http://b/c").path == "/a");
  CHECK(with("/http://b/c").path == "/http://b/c");
}

TEST_CASE("OPTIONS may address the server itself", "[http1][request]") {
  CHECK(read_one("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path == "*");
}

TEST_CASE("the connection is kept as the version and the connection field say", "[http1][request]") {
  const auto keeps = [](const std::string& version, const std::string& fields) {
    return read_one("GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n").keep_alive;
  };
  CHECK(keeps("1.1", ""));
  CHECK(keeps("1.1", "Connection: keep-alive\r\n"));
  CHECK_FALSE(keeps("1.1", "Connection: Close\r\n"));
  CHECK_FALSE(keeps("1.1", "Connection: te, close\r\n"));
  CHECK_FALSE(keeps("1.0", ""));
  CHECK(keeps("1.0", "Connection: Keep-Alive\r\n"));
}

TEST_CASE("an expectation is reported, but not of HTTP/1.0", "[http1][request]") {
  const auto expects = [](const std::string& version, const std::string& fields) {
    return read_one("POST / HTTP/" + version + "\r\nHost: a\r\nContent-Length: 1\r\n" + fields + "\r\nx").expectation;
  };
  CHECK(expects("1.1", "") == Expectation::none);
  CHECK(expects("1.1", "Expect: 100-Continue\r\n") == Expectation::go_on);
  CHECK(expects("1.1", "Expect: 200-maybe\r\n") == Expectation::unknown);
  CHECK(expects("1.1", "Expect: 100-continue\r\nExpect: 100-continue\r\n") == Expectation::unknown);
  CHECK(expects("1.0", "Expect: 100-continue\r\n") == Expectation::none);
}

TEST_CASE("an offer to upgrade is passed over", "[http1][request]") {
  const std::string upgrade = "Connection: upgrade\r\nUpgrade: h2c\r\n";
  RequestParser parser;
  const auto messages = read(parser, {"GET /a HTTP/1.1\r\nHost: a\r\n" + upgrade + "\r\n" +
                                      "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + upgrade +
                                      "\r\n1\r\nx\r\n0\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n"});
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].body == "x");
  CHECK(messages[2].path == "/c");
}

TEST_CASE("limits are passed at their edge and not beyond", "[http1][request]") {
  const RequestLimits limits{.max_head = 512, .max_fields = 5, .max_target = 64, .max_body = 10, .max_form = 12};
  const auto status = [&](const std::string& wire) {
    RequestParser parser(limits);
    const auto messages = read(parser, {wire});
    return parser.refusal().status != 0 ? parser.refusal().status : messages.back().complete ? 200 : 0;
  };
  const auto target = [](std::size_t n) { return "GET /" + std::string(n - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"; };
  CHECK(status(target(64)) == 200);
  CHECK(status(target(65)) == 414);
  const auto head = [](std::size_t n) {
    const std::string rest = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
    return "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(n - rest.size(), 'x') + "\r\n\r\n";
  };
  CHECK(head(512).size() == 512);
  CHECK(status(head(512)) == 200);
  CHECK(status(head(513)) == 431);
  CHECK(status("GET / HTTP/1.1\r\nHost: a\r\na:b\r\na:b\r\na:b\r\na:b\r\n\r\n") == 200);
  CHECK(status("GET / HTTP/1.1\r\nHost: a\r\na:b\r\na:b\r\na:b\r\na:b\r\na:b\r\n\r\n") == 431);
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  CHECK(status(post + "Content-Length: 10\r\n\r\n0123456789") == 200);
  CHECK(status(post + "Content-Length: 11\r\n\r\n") == 413);
  const std::string form = post + "Content-Type: Multipart/Form-Data; boundary=x\r\n";
  CHECK(status(form + "Content-Length: 12\r\n\r\n0123456789ab") == 200);
  CHECK(status(form + "Content-Length: 13\r\n\r\n") == 413);
  CHECK(status(form + "Transfer-Encoding: chunked\r\n\r\nc\r\n0123456789ab\r\n0\r\n\r\n") == 200);
  CHECK(status(form + "Transfer-Encoding: chunked\r\n\r\nd\r\n") == 413);
  CHECK(status(post + "Content-Length: 00000000000000000000010\r\n\r\n0123456789") == 200);
  CHECK(status(post + "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n") == 200);
  CHECK(status(post + "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n") == 413);
}

TEST_CASE("a body of many small chunks is not taken for a bomb", "[http1][request]") {
  std::string wire = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) wire += "1\r\nx\r\n";
  wire += "0\r\n\r\n";
  CHECK(read_one(wire).body.size() == 20'000);
}

TEST_CASE("a head that came in pieces keeps no memory once its request is complete", "[http1]") {
  gateway::http1::RequestParser parser;
  const std::string wire = "GET / HTTP/1.1\r\nHost: a\r\nx-long: " + std::string(20'000, 'x') + "\r\n\r\n";
  std::string_view first(wire.data(), 15'000), rest(wire.data() + 15'000, wire.size() - 15'000);
  CHECK(parser.next(first) == gateway::http1::RequestEvent::need_more);
  CHECK(parser.memory() >= 15'000);
  CHECK(parser.next(rest) == gateway::http1::RequestEvent::head);
  CHECK(parser.next(rest) == gateway::http1::RequestEvent::complete);
  CHECK(parser.memory() == 0);
}
